import type { Machine } from '../../drivers/driver.ts'
import type { Node } from '../../remote/nodes.ts'
import type { Fleet } from '../fleet.ts'
import { addressesOf, nodeAt, nodeNamedAs, readMemberships } from './view.ts'

/**
 * The nodes that machines are whose hosts do not tell: by their address, else by their name. A name proves little, as
 * hosts made from one image share it: a node that another machine is, by its address or by what its host says, is none
 * of theirs.
 * @param machines all machines of the cluster
 * @param untold those whose hosts do not tell
 * @returns one for each of `untold`, in their order; undefined where none is likely to be it
 */
export async function likelyNodes(
  fleet: Fleet,
  machines: readonly Machine[],
  untold: readonly Machine[],
  nodes: readonly Node[],
): Promise<(Node | undefined)[]> {
  const likely = untold.map(machine => ({
    at: nodeAt(machine, nodes),
    named: nodeNamedOnly(machine, machines, nodes),
  }))
  if (likely.every(({ at, named }) => at || !named)) return likely.map(({ at }) => at)
  const others = machines.filter(
    ({ name, status }) => status !== 'off' && !untold.some(one => one.name === name),
  )
  const claimed = await claimedIds(fleet, others)
  return likely.map(({ at, named }) => at ?? (named && claimed.has(named.id) ? undefined : named))
}

/** The node with a machine's name, unless it has the address of another machine. */
function nodeNamedOnly(
  machine: Machine,
  machines: readonly Machine[],
  nodes: readonly Node[],
): Node | undefined {
  const node = nodeNamedAs(machine, nodes)
  const isOther = (other: Machine) =>
    other.name !== machine.name && node !== undefined && addressesOf(other).includes(node.address)
  return machines.some(isOther) ? undefined : node
}

/** The ids of the nodes that hosts say to be. */
async function claimedIds(fleet: Fleet, machines: readonly Machine[]): Promise<Set<string | undefined>> {
  const answers = await readMemberships(fleet, machines)
  return new Set(answers.flatMap(answer => (answer.ok ? [answer.value.nodeId] : [])))
}
