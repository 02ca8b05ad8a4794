import { foldShort } from '../domain/ranges.ts'
import type { Host } from '../hosts/host.ts'
import { readNodes } from '../queries/nodes.ts'
import type { Node } from '../remote/nodes.ts'
import type { WaitOptions } from '../retry.ts'
import { pollUntil } from './poll-until.ts'

/** A new leader does not know the state of a node before the node registers with it, which takes most nodes 10 to 15 s. */
const UNKNOWN_MS = 30_000
const POLL_MS = 1000

export interface KnownOptions extends WaitOptions {
  /** The ids of the nodes that matter; by default, all nodes. */
  readonly nodeIds?: readonly string[]
  /** Called with the reason for the wait, after each read that does not end it. */
  readonly onWait?: ((why: string) => void) | undefined
}

/**
 * Lists the nodes as soon as the managers know their states. Nodes that are still `unknown` after 30 s are listed as
 * such: they may be alive.
 * @throws if the nodes cannot be read
 */
export function awaitKnown(
  manager: Host,
  { nodeIds, signal, clock, onWait }: KnownOptions = {},
): Promise<Node[]> {
  const ids = nodeIds && new Set(nodeIds)
  const concerned = (nodes: readonly Node[]) => nodes.filter(({ id }) => ids?.has(id) ?? true)
  return pollUntil(
    () => readNodes(manager, signal),
    nodes => unknownAmong(concerned(nodes)),
    {
      deadlineMs: UNKNOWN_MS,
      everyMs: POLL_MS,
      signal,
      clock,
      retryReads: false,
      onWait,
    },
  )
}

function unknownAmong(nodes: readonly Node[]): string | undefined {
  const unknown = nodes.filter(({ state }) => state === 'unknown').map(({ hostname, id }) => hostname || id)
  if (unknown.length === 0) return undefined
  const are = unknown.length === 1 ? 'it is' : 'they are'
  return `${foldShort(unknown)}: the managers do not know yet whether ${are} alive`
}
