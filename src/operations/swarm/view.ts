import type { Machine } from '../../drivers/driver.ts'
import { type Answer, fanOut } from '../../hosts/fan-out.ts'
import { readMembership } from '../../queries/membership.ts'
import type { Node } from '../../remote/nodes.ts'
import type { Membership } from '../../remote/swarm.ts'
import type { Fleet } from '../fleet.ts'
import { groupOf } from './quorum-guard.ts'

/** Reads how each machine's host stands to swarms: one answer each, the unreadable ones included. */
export function readMemberships(fleet: Fleet, machines: readonly Machine[]): Promise<Answer<Membership>[]> {
  return fanOut(machines, (machine, slot) => readMembership(fleet.host(machine), fleet.signal, slot), fleet)
}

/** The node on a machine: by the address that both know, else by the name, when only one node bears it. */
export function nodeOf(machine: Machine, nodes: readonly Node[]): Node | undefined {
  return nodeAt(machine, nodes) ?? nodeNamedAs(machine, nodes)
}

/** The one living node at a machine's address: a host that joined anew leaves nodes that are down there. */
export function nodeAt(machine: Machine, nodes: readonly Node[]): Node | undefined {
  const addresses = addressesOf(machine)
  return onlyOne(nodes.filter(node => node.state !== 'down' && addresses.includes(node.address)))
}

/** The one node whose host is called as a machine is. */
export function nodeNamedAs(machine: Machine, nodes: readonly Node[]): Node | undefined {
  return onlyOne(nodes.filter(node => node.hostname === machine.name))
}

/** The addresses that a machine and the swarm may both know it by. */
export function addressesOf({ privateAddress, publicAddress }: Machine): string[] {
  return [privateAddress, publicAddress].filter(address => address !== undefined)
}

function onlyOne(nodes: readonly Node[]): Node | undefined {
  return nodes.length === 1 ? nodes[0] : undefined
}

/**
 * The machines that may be managers: those that are, or all where some manager's machine is not known, as its addresses
 * and its name are others than the swarm's.
 * @param on tells the node on a machine, where more is known than what both say of themselves
 */
export function managersAmong(
  machines: readonly Machine[],
  nodes: readonly Node[],
  on: (machine: Machine) => Node | undefined = machine => nodeOf(machine, nodes),
): readonly Machine[] {
  const managers = machines.filter(machine => on(machine)?.reachability !== undefined)
  return managers.length < groupOf(nodes).managers ? machines : managers
}

/**
 * The address of a machine that the swarm uses: the private one, where there is one, unless the config says public.
 */
export function swarmAddress(fleet: Fleet, machine: Machine): string | undefined {
  const { privateAddress, publicAddress } = machine
  return fleet.swarm.advertise === 'public' ? publicAddress : (privateAddress ?? publicAddress)
}
