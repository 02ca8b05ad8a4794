import { foldShort } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { precheckError, usageError } from '../../errors.ts'
import { failedOf } from '../../hosts/fan-out.ts'
import type { Node } from '../../remote/nodes.ts'
import type { Fleet } from '../fleet.ts'
import { listMachines } from '../select-machines.ts'
import { readMemberships } from '../swarm/read-memberships.ts'
import { type Member, notMembers, readMembers, type SwarmSelection } from '../swarm/select-nodes.ts'

/**
 * The swarm with the nodes that an upgrade is about as its members.
 * @param words the nodes that are named; without any, all of the role
 * @throws a usage error for nodes of the other role; a precheck error for those that are none, or cannot be asked
 */
export async function viewOfRole(
  fleet: Fleet,
  role: Node['role'],
  words: readonly string[],
): Promise<SwarmSelection> {
  const { outside, ...view } = await readMembers(fleet, await listMachines(fleet, words))
  if (words.length > 0 && outside.length > 0) throw notMembers(fleet, outside)
  const other = view.members.filter(({ node }) => node.role !== role)
  if (words.length > 0 && other.length > 0) {
    const names = foldShort(other.map(({ name }) => name))
    const otherRole = role === 'manager' ? 'workers' : 'managers'
    throw usageError('other-role', `${names}: ${otherRole}, not ${role}s`, {
      hint: `belt upgrade ${otherRole} ${names}`,
    })
  }
  if (words.length === 0) await refuseUnknown(fleet, role, view, outside)
  const members = view.members.filter(({ node }) => node.role === role)
  refuseSilent(members)
  return { ...view, members }
}

function refuseSilent(members: readonly Member[]): void {
  const silent = members.filter(({ unreachable }) => unreachable)
  if (!silent[0]) return
  throw precheckError(
    'unreachable-nodes',
    `${foldShort(silent.map(({ name }) => name))} cannot be asked how they are: ${silent[0].unreachable?.message}`,
    { hint: 'bring them up first, or name the others' },
  )
}

/** A silent machine may be any node that no other machine accounts for: "all" would leave it out without a word. */
async function refuseUnknown(
  fleet: Fleet,
  role: Node['role'],
  { nodes, members }: SwarmSelection,
  outside: readonly Machine[],
): Promise<void> {
  const known = new Set(members.map(({ node }) => node.id))
  const unclaimed = nodes.filter(node => node.role === role && !known.has(node.id))
  if (unclaimed.length === 0) return
  const [first, ...more] = failedOf(await readMemberships(fleet, outside))
  if (!first) return
  const silent = foldShort([first, ...more].map(({ host }) => host))
  throw precheckError(
    'unknown-nodes',
    `${silent} cannot be asked, and may be ${foldShort(unclaimed.map(({ hostname }) => hostname))}: ${first.error.message}`,
    { hint: 'bring the machine up first, or name the nodes that are to be upgraded' },
  )
}
