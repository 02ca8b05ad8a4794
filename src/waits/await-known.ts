import { foldShort } from '../domain/ranges.ts'
import { BeltError, reasonOf } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { readNodes } from '../queries/nodes.ts'
import type { Node } from '../remote/nodes.ts'
import { retry } from '../retry.ts'

/** A new leader knows of no node how it is before that has registered with it, which takes most of them 10 to 15 s. */
const UNKNOWN_MS = 30_000
const POLL_MS = 1000

export interface KnownOptions {
  /** The ids of the nodes that matter; all, unless told. */
  readonly nodeIds?: readonly string[]
  readonly signal?: AbortSignal | undefined
  /** Told why it waits, each time that it looked in vain. */
  readonly onWait?: ((why: string) => void) | undefined
}

/**
 * Lists the nodes as soon as the managers know whether they live. Those that are still `unknown` after 30 s are listed as
 * such: they may live.
 * @throws when the nodes cannot be read
 */
export async function awaitKnown(
  manager: Host,
  { nodeIds, signal, onWait }: KnownOptions = {},
): Promise<Node[]> {
  let nodes: Node[] = []
  const look = async () => {
    nodes = await readNodes(manager, signal)
    refuseUnknown(nodes.filter(({ id }) => nodeIds?.includes(id) ?? true))
  }
  try {
    await retry(look, {
      deadlineMs: UNKNOWN_MS,
      everyMs: POLL_MS,
      signal,
      retryable: isUnknown,
      onRetry: error => onWait?.(reasonOf(error)),
    })
  } catch (error) {
    signal?.throwIfAborted()
    if (!isUnknown(error)) throw error
  }
  return nodes
}

function refuseUnknown(nodes: readonly Node[]): void {
  const unknown = nodes.filter(({ state }) => state === 'unknown').map(({ hostname, id }) => hostname || id)
  if (unknown.length === 0) return
  const whether = unknown.length === 1 ? 'it lives' : 'they live'
  throw new BeltError(
    'unknown-nodes',
    `${foldShort(unknown)}: the managers do not know yet whether ${whether}`,
  )
}

function isUnknown(error: unknown): boolean {
  return error instanceof BeltError && error.code === 'unknown-nodes'
}
