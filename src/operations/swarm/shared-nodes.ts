import { fold } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { precheckError } from '../../errors.ts'
import type { Node } from '../../remote/nodes.ts'
import type { Fleet } from '../fleet.ts'
import { addressesOf } from '../machines/address.ts'
import { readMemberships } from './read-memberships.ts'
import type { SwarmSnapshot } from './snapshot.ts'

/** A machine and the node that its host says it is. */
interface Claim {
  readonly machine: Machine
  readonly node: Node
}

/**
 * Checks that no other machine is one of these nodes too, as a copy of a member is: whatever is done to the node by one name
 * would be done to the other machine. Only machines that may be a copy are asked: those at the address of none of the
 * nodes, and those at the address of one of these. One that does not answer is not in the way.
 * @throws a precheck error that names both machines
 */
export async function assertNotShared(
  fleet: Fleet,
  { machines, nodes }: SwarmSnapshot,
  claims: readonly Claim[],
): Promise<void> {
  const claimed = new Set(claims.map(({ machine }) => machine.name))
  const known = new Set(nodes.map(({ address }) => address))
  const concerned = new Set(claims.map(({ node }) => node.address))
  const mayBeCopy = (machine: Machine) =>
    machine.status !== 'off' &&
    !claimed.has(machine.name) &&
    addressesOf(machine).every(address => !known.has(address) || concerned.has(address))
  const others = machines.filter(mayBeCopy)
  const answers = others.length > 0 ? await readMemberships(fleet, others) : []
  const names = new Map<string, string[]>()
  for (const { machine, node } of claims) names.set(node.id, [...(names.get(node.id) ?? []), machine.name])
  for (const answer of answers) {
    if (answer.ok && answer.value.nodeId !== undefined) names.get(answer.value.nodeId)?.push(answer.host)
  }
  const shared = [...names.values()].find(machinesOfNode => machinesOfNode.length > 1)
  if (!shared) return
  throw precheckError('shared-node', `${fold(shared)} are one node of the swarm: one of them is a copy`, {
    hint: 'let the copy leave (belt swarm leave NAME), and join it anew; belt swarm status shows both',
    details: { machines: shared },
  })
}
