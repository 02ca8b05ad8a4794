import type { GroupChange } from '../quorum.ts'
import type { Upgrade } from './upgrade.ts'

/**
 * How a manager is taken out:
 * - `demote` it leaves the Raft group and comes back to it. So does a machine that may not come back, or not with its
 *   disk (a resize), and the leader, whose mere stop would leave the swarm without one for about 20 s;
 * - `stop` it stays a member, as the engines of a swarm may be too far apart for a new one to join (an engine of 23.0
 *   is no manager beside 19.03), and is back sooner;
 * - `outage` it is the only one.
 */
export type RemovalMode = 'demote' | 'stop' | 'outage'

/** A node as far as it matters to the Raft group. */
export interface GroupNode {
  readonly id: string
  readonly hostname: string
  /** The role it is meant to have. */
  readonly role: 'manager' | 'worker'
  readonly isLeader: boolean
  /** Of members of the Raft group; undefined for all others. */
  readonly reachability: string | undefined
}

/**
 * @param managers how many the Raft group has; of two neither can be stopped, but one can be demoted
 */
export function removalModeOf(upgrade: Upgrade, isLeader: boolean, managers: number): RemovalMode {
  if (managers === 1) return 'outage'
  return upgrade.kind === 'size' || isLeader || managers === 2 ? 'demote' : 'stop'
}

/**
 * How a node goes out, as the managers see it now; undefined for one that is no manager (any more). A demotion that has
 * not come to its end is brought there: stopped before that, the node would stay a worker for good.
 */
export function currentRemovalMode(
  upgrade: Upgrade,
  nodes: readonly GroupNode[],
  id: string,
): RemovalMode | undefined {
  const managers = nodes.filter(({ reachability }) => reachability !== undefined)
  const self = managers.find(node => node.id === id)
  if (!self) return undefined
  return self.role === 'worker' ? 'demote' : removalModeOf(upgrade, self.isLeader, managers.length)
}

/** The managers beside a node that do not answer: none goes while another one is out. */
export function silentBeside(nodes: readonly GroupNode[], id: string): GroupNode[] {
  return nodes.filter(
    node => node.id !== id && node.reachability !== undefined && node.reachability !== 'reachable',
  )
}

const CHANGES: Readonly<Record<RemovalMode, readonly GroupChange[]>> = {
  demote: ['demote-reachable', 'promote'],
  stop: ['stop', 'return'],
  outage: [],
}

/**
 * What the upgrade of managers, one after the other, does to the Raft group.
 * @param count how many managers the group has
 */
export function groupChangesOf(
  upgrade: Upgrade,
  managers: readonly { isLeader: boolean }[],
  count: number,
): GroupChange[] {
  return managers.flatMap(({ isLeader }) => CHANGES[removalModeOf(upgrade, isLeader, count)])
}
