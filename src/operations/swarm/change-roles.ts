import {
  type GroupChange,
  groupAfter,
  managersWarning,
  quorumRefusal,
  type RaftGroup,
  type RoleChange,
} from '../../domain/quorum.ts'
import { fold } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { BeltError, ExitCode } from '../../errors.ts'
import type { Answer } from '../../hosts/fan-out.ts'
import { readNodes } from '../../queries/read-swarm.ts'
import type { Node } from '../../remote/nodes.ts'
import { changeRole } from '../../steps/change-role.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import { oneByOne } from '../one-by-one.ts'
import { findManager } from './find-manager.ts'
import { managersAmong } from './match-nodes.ts'
import type { Member, SwarmSelection } from './select-nodes.ts'
import { groupOf } from './snapshot.ts'

export interface RoleChanged {
  readonly role: Node['role']
  /** False when it had this role already. */
  readonly changed: boolean
}

/**
 * Gives nodes another role, one after the other, the next only when the last has become what it shall be. The quorum
 * is asked for the whole sequence before the first, and for each again before it.
 * @throws a quorum refusal in numbers (exit code 5), before anything is changed
 */
export async function changeRoles(
  fleet: Fleet,
  view: SwarmSelection,
  role: Node['role'],
  onAnswer?: (answer: Answer<RoleChanged>) => void,
): Promise<Answer<RoleChanged>[]> {
  const members = inTurn(view)
  const warning = checkRoles(view, role)
  if (warning) fleet.progress.note(`warning: afterwards, ${warning}`)
  const verb = role === 'manager' ? 'Promoting' : 'Demoting'
  const task = fleet.progress.start(`${verb} ${fold(members.map(({ name }) => name))}`, members.length)
  const answers = await oneByOne(members, member => changeRoleOf(fleet, view.machines, member, role), {
    signal: fleet.signal,
    onAnswer: answer => {
      if (answer.ok) task.step(answer.host)
      onAnswer?.(answer)
    },
  })
  task.done()
  return answers
}

/**
 * Asks the quorum for a whole sequence of changes, and makes none.
 * @returns what is unwise about where it leads
 * @throws a quorum refusal in numbers (exit code 5)
 */
export function checkRoles(view: SwarmSelection, role: Node['role']): string | undefined {
  const group = groupOf(view.nodes)
  const changes = inTurn(view).flatMap(({ node }) => changeOf(node, role) ?? [])
  refuseLossOfQuorum(group, changes)
  return changes.length > 0 ? managersWarning(changes.reduce(groupAfter, group).managers) : undefined
}

function inTurn({ members }: SwarmSelection): Member[] {
  return [...members].sort((a, b) => turnOf(a.node) - turnOf(b.node))
}

/** Unreachable managers are demoted first, which makes the rest safer, and the leader last. */
function turnOf({ reachability, isLeader }: Node): number {
  if (reachability !== undefined && reachability !== 'reachable') return 0
  return isLeader ? 2 : 1
}

/** What a change of role means to the Raft group; undefined when it means nothing. */
function changeOf({ reachability }: Node, role: Node['role']): RoleChange | undefined {
  if (role === 'manager') return reachability === undefined ? 'promote' : undefined
  if (reachability === undefined) return undefined
  return reachability === 'reachable' ? 'demote-reachable' : 'demote-unreachable'
}

/**
 * Gives one node another role, and waits until it has become so.
 * @param machines those that may be managers, through which the swarm is asked; never the node's own is
 * @throws a quorum refusal in numbers (exit code 5)
 */
export async function changeRoleOf(
  fleet: Fleet,
  machines: readonly Machine[],
  { name, machine, node, unreachable }: Member,
  role: Node['role'],
): Promise<RoleChanged> {
  const first = await findManager(fleet, machines, [name])
  const nodes = await readNodes(first.host, fleet.signal)
  const change = changeOf(nodes.find(({ id }) => id === node.id) ?? node, role)
  refuseLossOfQuorum(groupOf(nodes), change ? [change] : [])
  const host = unreachable || !machine ? undefined : fleet.host(machine)
  const managers = managersAmong(machines, nodes)
  const findOther = async () => (await findManager(fleet, managers, [name])).host
  const step = changeRole({ findManager: findOther, node, host }, role, fleet.signal)
  return { role, changed: await perform(step) }
}

/** Throws a quorum refusal in numbers (exit code 5) when changes, made one after the other, would lose the quorum. */
export function refuseLossOfQuorum(group: RaftGroup, changes: readonly GroupChange[]): void {
  const refusal = quorumRefusal(group, changes)
  if (refusal === undefined) return
  const hint =
    group.reachable < group.managers
      ? 'bring the unreachable managers back, or demote them, first; belt swarm status shows them'
      : 'promote other nodes first: belt swarm promote NODES'
  throw new BeltError('quorum', `refused: ${refusal}`, {
    exitCode: ExitCode.quorum,
    hint,
    details: { ...group },
  })
}
