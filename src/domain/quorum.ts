/**
 * How many of `managers` must answer for a swarm to take decisions: more than half, as Raft has it.
 * @param managers members of the Raft group, the unreachable ones included
 */
export function quorumOf(managers: number): number {
  return Math.floor(managers / 2) + 1
}

/**
 * Whether a swarm still takes decisions when `lost` of its reachable managers go away without being demoted first,
 * so that the Raft group keeps its size.
 */
export function survivesLoss(group: { managers: number; reachable: number }, lost: number): boolean {
  return group.reachable - lost >= quorumOf(group.managers)
}
