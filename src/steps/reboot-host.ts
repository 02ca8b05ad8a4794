import { BeltError } from '../errors.ts'
import { mayBeBooting } from '../hosts/errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { bootCommand, rebootCommand } from '../remote/host-facts.ts'
import { retry } from '../retry.ts'
import type { Step } from './step.ts'

const READ_TIMEOUT_MS = 30_000
const POLL_MS = 1000

/**
 * Restarts a machine, and waits until it has started anew: one that answers may not have gone down yet.
 * @param before which start of the machine it was; nothing to do when it is another one already
 * @param reboot asks whoever runs the machine; without it the machine restarts itself
 */
export function rebootHost(
  host: Host,
  before: string,
  options: {
    deadlineMs: number
    reboot?: (() => Promise<void>) | undefined
    signal?: AbortSignal | undefined
  },
): Step {
  const { deadlineMs, reboot, signal } = options
  return {
    title: `Reboot ${host.name}`,

    async changes() {
      // One whose reboot was interrupted may be starting just now.
      const boot = await retry(() => bootOf(host, signal), {
        deadlineMs,
        everyMs: POLL_MS,
        signal,
        retryable: mayBeBooting,
      })
      return boot === before ? [`${host.name} is restarted`] : []
    },

    async run() {
      if (reboot) await reboot()
      else await runChecked(host, rebootCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
      await retry(() => expectAnotherBoot(host, before, signal), { deadlineMs, everyMs: POLL_MS, signal })
    },
  }
}

async function expectAnotherBoot(host: Host, before: string, signal?: AbortSignal): Promise<void> {
  if ((await bootOf(host, signal)) !== before) return
  throw new BeltError('not-rebooted', `${host.name} has not gone down yet`, {
    host: host.name,
    hint: `belt reboot ${host.name} asks once more`,
  })
}

/** Which start of the machine this is. */
export async function bootOf(host: Host, signal?: AbortSignal): Promise<string> {
  return (await runChecked(host, bootCommand, { timeoutMs: READ_TIMEOUT_MS, signal })).stdout.trim()
}
