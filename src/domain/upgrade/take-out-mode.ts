import type { GroupChange } from '../quorum.ts'
import type { Upgrade } from './upgrade.ts'

/**
 * How a manager is taken out:
 * - `demote`: it leaves the Raft group and joins it again later. This is for machines that may not come back, or not with
 *   their disk (a resize), and for the leader: stopping it would leave the swarm without a leader for about 20 s.
 * - `stop`: it stays a member, and is back sooner. A demoted manager might not be able to join again, because the engines
 *   of a swarm may be too far apart (23.0 cannot become a manager beside 19.03).
 * - `outage`: it is the only manager.
 */
export type TakeOutMode = 'demote' | 'stop' | 'outage'

/**
 * How a node is taken out, as far as it is known:
 * - `none`: it is a worker, which is in no Raft group
 * - `demoted`: it was a manager before the upgrade and is in the Raft group no longer, or not yet
 * - `unchecked`: the managers have not been asked yet
 */
export type KnownTakeOutMode = TakeOutMode | 'none' | 'demoted' | 'unchecked'

/** The facts about a node that matter to the Raft group. */
export interface GroupNode {
  readonly id: string
  readonly hostname: string
  /** The role that the node is meant to have. */
  readonly role: 'manager' | 'worker'
  readonly isLeader: boolean
  /** Undefined for nodes outside the Raft group. */
  readonly reachability: string | undefined
}

/**
 * How an upgrade takes a manager out.
 * @param managers the size of the Raft group; of two managers neither can be stopped, but one can be demoted
 */
export function takeOutModeOf(upgrade: Upgrade, isLeader: boolean, managers: number): TakeOutMode {
  if (managers === 1) return 'outage'
  return upgrade.kind === 'size' || isLeader || managers === 2 ? 'demote' : 'stop'
}

/**
 * How an upgrade takes a node out, by what the managers report now. A pending demotion is completed first: a node that
 * is stopped before that would stay a worker for good.
 * @param role the role of the node before the upgrade
 */
export function currentTakeOutMode(
  upgrade: Upgrade,
  nodes: readonly GroupNode[],
  { id, role }: Pick<GroupNode, 'id' | 'role'>,
): Exclude<KnownTakeOutMode, 'unchecked'> {
  const managers = nodes.filter(({ reachability }) => reachability !== undefined)
  const self = managers.find(node => node.id === id)
  if (!self) return role === 'manager' ? 'demoted' : 'none'
  return self.role === 'worker' ? 'demote' : takeOutModeOf(upgrade, self.isLeader, managers.length)
}

/** The other managers that are not reachable: no manager is taken out while another one is. */
export function silentBeside(nodes: readonly GroupNode[], id: string): GroupNode[] {
  return nodes.filter(
    node => node.id !== id && node.reachability !== undefined && node.reachability !== 'reachable',
  )
}

const CHANGES: Readonly<Record<TakeOutMode, readonly GroupChange[]>> = {
  demote: ['demote-reachable', 'promote'],
  stop: ['stop', 'return'],
  outage: [],
}

/**
 * The changes to the Raft group when managers are upgraded one at a time.
 * @param count the size of the Raft group
 */
export function groupChangesOf(
  upgrade: Upgrade,
  managers: readonly { isLeader: boolean }[],
  count: number,
): GroupChange[] {
  return managers.flatMap(({ isLeader }) => CHANGES[takeOutModeOf(upgrade, isLeader, count)])
}
