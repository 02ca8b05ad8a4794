import { BeltError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { findNode } from '../queries/nodes.ts'
import type { Node } from '../remote/nodes.ts'
import { retry, type WaitOptions } from '../retry.ts'

/** Managers report a node as down after three missed heartbeats of 5 s; twice that if the leader changes meanwhile. */
const TIMEOUT_MS = 60_000
const POLL_MS = 1000

/** Waits until the managers report a node as down, or no longer list it. @throws `not-removed` if it is still alive */
export function awaitDown(manager: Host, node: Node, options: WaitOptions = {}): Promise<void> {
  return retry(() => expectDown(manager, node, options.signal), {
    ...options,
    deadlineMs: TIMEOUT_MS,
    everyMs: POLL_MS,
  })
}

/** A node that stays on the list of nodes. */
export function notRemoved({ hostname, id }: Node, reason: string): BeltError {
  return new BeltError('not-removed', `${hostname || id} was not removed: ${reason}`, {
    host: hostname,
    hint: 'only a node that is down is removed; belt swarm status shows its state',
  })
}

async function expectDown(manager: Host, node: Node, signal?: AbortSignal): Promise<void> {
  const found = await findNode(manager, node, signal)
  if (found && found.state !== 'down') throw notRemoved(node, `the managers report it as ${found.state}`)
}
