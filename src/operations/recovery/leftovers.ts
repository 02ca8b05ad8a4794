import type { Node } from '../../remote/nodes.ts'

/** Marks the node of a former manager that is on its way out, while its host joins as a new one. */
export const REJOIN_LABEL = 'belt.rejoin'

/**
 * The nodes of former managers that a recovery has not done with: meant to be managers but not in the Raft group, or
 * marked. In a swarm at rest there are none.
 */
export function leftovers(nodes: readonly Node[]): Node[] {
  return nodes.filter(
    ({ role, reachability, labels }) =>
      (role === 'manager' && reachability === undefined) || REJOIN_LABEL in labels,
  )
}
