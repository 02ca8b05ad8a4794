import { BeltError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { readMembership } from '../queries/membership.ts'
import { retry, type WaitOptions } from '../retry.ts'

const TIMEOUT_MS = 30_000
const POLL_MS = 500

/** Waits until a host reports that it is in no swarm. @throws `leave-incomplete` with the state that it reports */
export function awaitLeft(host: Host, options: WaitOptions = {}): Promise<void> {
  return retry(() => expectLeft(host, options.signal), {
    ...options,
    deadlineMs: TIMEOUT_MS,
    everyMs: POLL_MS,
  })
}

async function expectLeft(host: Host, signal?: AbortSignal): Promise<void> {
  const { state } = await readMembership(host, signal)
  if (state === 'inactive') return
  throw new BeltError('leave-incomplete', `${host.name} has not left its swarm yet: its state is ${state}`, {
    host: host.name,
    hint: `belt --host ${host.name} docker info shows why`,
  })
}
