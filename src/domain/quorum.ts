/** The managers of a swarm as its Raft group counts them. */
export interface RaftGroup {
  /** Members of the group, the unreachable ones included. */
  readonly managers: number
  /** Those of them that answer. */
  readonly reachable: number
}

/** What happens to one manager; a demotion differs by whether the manager answers. */
export type RoleChange = 'promote' | 'demote-reachable' | 'demote-unreachable'

/** What happens to the Raft group: `stop` takes a manager away that stays a member, `return` brings it back. */
export type GroupChange = RoleChange | 'stop' | 'return'

/** More managers than this slow every decision down and make none safer. */
const MOST_MANAGERS = 7

/**
 * How many of `managers` must answer for a swarm to take decisions: more than half, as Raft has it.
 * @param managers members of the Raft group, the unreachable ones included
 */
export function quorumOf(managers: number): number {
  return Math.floor(managers / 2) + 1
}

/** How many more managers may be lost before the swarm takes no decisions; negative when it takes none already. */
export function toleranceOf({ managers, reachable }: RaftGroup): number {
  return reachable - quorumOf(managers)
}

/**
 * Whether a swarm still takes decisions when `lost` of its reachable managers go away without being demoted first,
 * so that the Raft group keeps its size.
 */
export function survivesLoss(group: RaftGroup, lost: number): boolean {
  return group.reachable - lost >= quorumOf(group.managers)
}

/** The Raft group after a change. */
export function groupAfter({ managers, reachable }: RaftGroup, change: GroupChange): RaftGroup {
  if (change === 'stop') return { managers, reachable: reachable - 1 }
  if (change === 'return') return { managers, reachable: reachable + 1 }
  if (change === 'promote') return { managers: managers + 1, reachable: reachable + 1 }
  return { managers: managers - 1, reachable: change === 'demote-reachable' ? reachable - 1 : reachable }
}

/**
 * Why changes, made one after the other, would endanger the quorum: a sentence in numbers about the first
 * that would, or undefined when none does. A new manager raises the quorum before it helps to reach it, so the others
 * must reach the raised one by themselves; only the step from one manager to two cannot be made that way.
 */
export function quorumRefusal(group: RaftGroup, changes: readonly GroupChange[]): string | undefined {
  const [change, ...later] = changes
  if (change === undefined) return undefined
  return refusalOfOne(group, change) ?? quorumRefusal(groupAfter(group, change), later)
}

/**
 * Why the swarm cannot spare `lost` of its reachable managers, which go away at once without being demoted: a sentence
 * in numbers, or undefined when it can.
 */
export function lossRefusal(group: RaftGroup, lost: number): string | undefined {
  if (lost === 0 || survivesLoss(group, lost)) return undefined
  const { managers, reachable } = group
  return `${reachable} of ${managers} managers answer, ${lost} of them would go, and the swarm needs ${quorumOf(managers)}`
}

function refusalOfOne(group: RaftGroup, change: GroupChange): string | undefined {
  if (change === 'return') return undefined
  const { managers, reachable } = group
  const answering = `${reachable} of ${managers} managers answer`
  if (toleranceOf(group) < 0)
    return `${answering}, and the swarm needs ${quorumOf(managers)} to decide anything`
  const after = groupAfter(group, change)
  if (after.managers === 0) return 'the last manager cannot be demoted: the swarm would be lost with it'
  const needed = quorumOf(after.managers)
  if (change === 'promote') {
    if (managers === 1 || reachable >= needed) return undefined
    return `${answering}; with one more the swarm needs ${needed} of ${after.managers}, and would hang if the new one fails to arrive`
  }
  if (toleranceOf(after) >= 0) return undefined
  if (change === 'stop')
    return `${answering}; with one stopped, ${after.reachable} of ${managers} would answer, and the swarm needs ${needed}`
  return `${answering}; after the demotion, ${after.reachable} of ${after.managers} would answer, and the swarm needs ${needed}`
}

/** What is unwise about a number of managers, as a sentence; undefined for 1, 3, 5 and 7. */
export function managersWarning(managers: number): string | undefined {
  if (managers > MOST_MANAGERS) {
    return `${managers} managers: more than ${MOST_MANAGERS} make each decision slower, and few swarms safer`
  }
  if (managers === 0 || managers % 2 === 1) return undefined
  const tolerated = managers - quorumOf(managers)
  const advice =
    managers === 2 ? 'losing either stops the swarm' : `no more than ${managers - 1} managers tolerate`
  return `${managers} managers tolerate the loss of ${tolerated}, ${advice}; have ${managers - 1} or ${managers + 1}`
}

/**
 * Orders nodes by whether they lead: the leader comes last, because the others elect a new one each time that the leader
 * goes away.
 */
export function leaderLast(a: { readonly isLeader: boolean }, b: { readonly isLeader: boolean }): number {
  return Number(a.isLeader) - Number(b.isLeader)
}
