import { BeltError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { membershipText, readMembership } from '../queries/membership.ts'
import { readNodes } from '../queries/nodes.ts'
import { retry, type WaitOptions } from '../retry.ts'

const TIMEOUT_MS = 30_000
const POLL_MS = 500

/** Waits until a host leads its new swarm. @throws `init-incomplete` with the state that the host reports */
export function awaitLeader(host: Host, options: WaitOptions = {}): Promise<void> {
  return retry(() => expectLeader(host, options.signal), {
    ...options,
    deadlineMs: TIMEOUT_MS,
    everyMs: POLL_MS,
  })
}

/** Checks once whether a host leads its swarm. @throws `init-incomplete` with the state that the host reports */
export async function expectLeader(host: Host, signal?: AbortSignal): Promise<void> {
  const membership = await readMembership(host, signal)
  const nodes = membership.isManager ? await readNodes(host, signal) : []
  const self = nodes.find(node => node.id === membership.nodeId)
  if (self?.isLeader && self.state === 'ready') return
  throw new BeltError(
    'init-incomplete',
    `${host.name} does not lead its new swarm yet: it is ${membershipText(membership)}`,
    { host: host.name, hint: `belt --host ${host.name} docker info shows why` },
  )
}
