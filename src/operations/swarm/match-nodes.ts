import type { Machine } from '../../drivers/driver.ts'
import type { Node } from '../../remote/nodes.ts'
import type { Fleet } from '../fleet.ts'
import { groupOf } from './quorum-guard.ts'
import { readMemberships } from './read-memberships.ts'

/** Nodes, indexed by the properties that they share with machines. */
export class NodeIndex {
  readonly #livingByAddress: ReadonlyMap<string, readonly Node[]>
  readonly #byHostname: ReadonlyMap<string, readonly Node[]>

  constructor(nodes: readonly Node[]) {
    const living = nodes.filter(({ state }) => state !== 'down')
    this.#livingByAddress = grouped(living.map(node => [node.address, node]))
    this.#byHostname = grouped(nodes.map(node => [node.hostname, node]))
  }

  /** The node on a machine: by the address that both know, otherwise by the name, if only one node has it. */
  on(machine: Machine): Node | undefined {
    return this.at(machine) ?? this.namedAs(machine)
  }

  /**
   * The only living node at a machine's address. Nodes that are down stay listed there after a host left and joined
   * again.
   */
  at(machine: Machine): Node | undefined {
    const addresses = [...new Set(swarmAddressesOf(machine))]
    return onlyOne(addresses.flatMap(address => this.#livingByAddress.get(address) ?? []))
  }

  /** The only node whose host has the name of a machine. */
  namedAs({ name }: Machine): Node | undefined {
    return onlyOne(this.#byHostname.get(name) ?? [])
  }
}

/** The node on one machine; for several machines, ask a `NodeIndex`. */
export function nodeOf(machine: Machine, nodes: readonly Node[]): Node | undefined {
  return new NodeIndex(nodes).on(machine)
}

/** The addresses that both a machine and the swarm may report. */
function swarmAddressesOf({ privateAddress, publicAddress }: Machine): string[] {
  return [privateAddress, publicAddress].filter(address => address !== undefined)
}

function onlyOne(nodes: readonly Node[]): Node | undefined {
  return nodes.length === 1 ? nodes[0] : undefined
}

/**
 * The machines that may be managers: the matched ones, or all machines if a manager matches none, because neither its
 * addresses nor its name are known.
 * @param on finds the node on a machine, if the caller knows more than the machine and the node report
 */
export function managersAmong(
  machines: readonly Machine[],
  nodes: readonly Node[],
  on?: (machine: Machine) => Node | undefined,
): readonly Machine[] {
  const index = new NodeIndex(nodes)
  const find = on ?? (machine => index.on(machine))
  const managers = machines.filter(machine => find(machine)?.reachability !== undefined)
  return managers.length < groupOf(nodes).managers ? machines : managers
}

/**
 * Guesses the nodes on machines whose hosts do not say which node they are: by address, else by name. A name proves
 * little, because hosts made from one image share it. So a node is not matched by its name if it has the address of
 * another machine, or if another host says that it is this node.
 * @param machines all machines of the cluster
 * @param unread the machines whose hosts do not say
 * @returns one entry for each of `unread`, in order; undefined where no node is likely
 */
export async function likelyNodes(
  fleet: Fleet,
  machines: readonly Machine[],
  unread: readonly Machine[],
  nodes: readonly Node[],
): Promise<(Node | undefined)[]> {
  const index = new NodeIndex(nodes)
  const owners = namesByAddress(machines)
  const likely = unread.map(machine => {
    const named = index.namedAs(machine)
    const isElsewhere = owners.get(named?.address)?.some(name => name !== machine.name)
    return { at: index.at(machine), named: isElsewhere ? undefined : named }
  })
  if (likely.every(({ at, named }) => at || !named)) return likely.map(({ at }) => at)
  const unreadNames = new Set(unread.map(({ name }) => name))
  const others = machines.filter(({ name, status }) => status !== 'off' && !unreadNames.has(name))
  const claimed = await claimedIds(fleet, others)
  return likely.map(({ at, named }) => at ?? (named && claimed.has(named.id) ? undefined : named))
}

function namesByAddress(machines: readonly Machine[]): ReadonlyMap<string | undefined, readonly string[]> {
  return grouped(
    machines.flatMap(machine => swarmAddressesOf(machine).map(address => [address, machine.name] as const)),
  )
}

function grouped<K, V>(pairs: readonly (readonly [K, V])[]): ReadonlyMap<K, readonly V[]> {
  const groups = new Map<K, V[]>()
  for (const [key, value] of pairs) {
    const group = groups.get(key)
    if (group) group.push(value)
    else groups.set(key, [value])
  }
  return groups
}

/** The node ids that hosts report. */
async function claimedIds(fleet: Fleet, machines: readonly Machine[]): Promise<Set<string | undefined>> {
  const answers = await readMemberships(fleet, machines)
  return new Set(answers.flatMap(answer => (answer.ok ? [answer.value.nodeId] : [])))
}
