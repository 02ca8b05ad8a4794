import { groupAfter, leaderLast, managersWarning, type RoleChange } from '../../domain/quorum.ts'
import { fold } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import type { Answer } from '../../hosts/fan-out.ts'
import { readNodes } from '../../queries/nodes.ts'
import type { Node } from '../../remote/nodes.ts'
import { changeRole } from '../../steps/change-role.ts'
import { perform } from '../../steps/step.ts'
import { assertMay } from '../assert-may.ts'
import type { Fleet } from '../fleet.ts'
import { addressesOf } from '../machines/address.ts'
import { oneByOne } from '../one-by-one.ts'
import { findManager } from './find-manager.ts'
import { managersAmong } from './match-nodes.ts'
import { assertQuorumSurvives, groupOf, takesPartInGroup } from './quorum-guard.ts'
import { type Member, type SwarmSelection, selectNodes } from './select-nodes.ts'

export interface RoleChanged {
  readonly role: Node['role']
  /** False if the node already had this role. */
  readonly changed: boolean
}

/** Changes the role of the nodes that a user names. @throws as `selectNodes` and `changeRoles` */
export async function changeRolesOf(
  fleet: Fleet,
  nodes: readonly string[],
  role: Node['role'],
  onAnswer: (answer: Answer<RoleChanged>) => void,
): Promise<Answer<RoleChanged>[]> {
  return changeRoles(fleet, await selectNodes(fleet, nodes), role, onAnswer)
}

/**
 * Changes the role of nodes one at a time, waiting for each change to take effect. The quorum is checked for the whole
 * sequence before the first change, and again before each change.
 * @throws before anything is changed: a quorum refusal in numbers (exit code 5); a precheck error as `assertMayChangeRoles`
 */
export async function changeRoles(
  fleet: Fleet,
  view: SwarmSelection,
  role: Node['role'],
  onAnswer?: (answer: Answer<RoleChanged>) => void,
): Promise<Answer<RoleChanged>[]> {
  const members = inTurn(view)
  const warning = checkRoles(view, role)
  await assertMayChangeRoles(fleet, members)
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
 * A change of role is in effect once the certificate on the host says so, which only root may read there.
 * @throws a precheck error that names all hosts whose login user may not become root
 */
export function assertMayChangeRoles(fleet: Fleet, members: readonly Member[]): Promise<void> {
  const machines = members.flatMap(({ machine, unreachable }) => (machine && !unreachable ? [machine] : []))
  return assertMay(fleet, machines, 'root')
}

/**
 * Checks the quorum for a sequence of role changes without making them.
 * @returns a warning about the number of managers afterwards, if there is one
 * @throws a quorum refusal in numbers (exit code 5)
 */
export function checkRoles(view: SwarmSelection, role: Node['role']): string | undefined {
  const group = groupOf(view.nodes)
  const changes = inTurn(view).flatMap(({ node }) => changeOf(node, role) ?? [])
  assertQuorumSurvives(group, changes)
  return changes.length > 0 ? managersWarning(changes.reduce(groupAfter, group).managers) : undefined
}

/** Unreachable managers are demoted first, which makes the rest safer, and the leader last. */
function inTurn({ members }: SwarmSelection): Member[] {
  return members.toSorted(
    (a, b) => Number(isUnreachable(b.node)) - Number(isUnreachable(a.node)) || leaderLast(a.node, b.node),
  )
}

function isUnreachable(node: Node): boolean {
  return node.reachability !== undefined && !takesPartInGroup(node)
}

/** The effect of a role change on the Raft group; undefined if there is none. */
function changeOf(node: Node, role: Node['role']): RoleChange | undefined {
  if (role === 'manager') return node.reachability === undefined ? 'promote' : undefined
  if (node.reachability === undefined) return undefined
  return takesPartInGroup(node) ? 'demote-reachable' : 'demote-unreachable'
}

/**
 * Changes the role of one node, and waits until the change takes effect.
 * @param machines the machines that may be managers; the swarm is changed through one of them, never through the node
 *   itself
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
  assertQuorumSurvives(groupOf(nodes), change ? [change] : [])
  const host = unreachable || !machine ? undefined : fleet.host(machine)
  const managers = managersAmong(machines, nodes)
  const findOther = async () => (await findManager(fleet, managers, [name])).host
  const addresses = machine ? addressesOf(machine) : []
  const step = changeRole({ findManager: findOther, node, host, addresses }, role, fleet)
  return { role, changed: await perform(step) }
}
