import { foldShort } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { type BeltError, precheckError } from '../../errors.ts'
import type { Answer } from '../../hosts/fan-out.ts'
import { readNodes } from '../../queries/nodes.ts'
import type { Node } from '../../remote/nodes.ts'
import type { Membership } from '../../remote/swarm.ts'
import type { Fleet } from '../fleet.ts'
import { selectMachines } from '../select-machines.ts'
import { likelyNodes } from './likely-nodes.ts'
import { findManager, type Manager } from './manager.ts'
import { readMemberships } from './view.ts'

/** A node of the swarm that an operation is about. */
export interface Member {
  /** The machine's name; of a node without a machine, its id. */
  readonly name: string
  /** Undefined for a ghost. */
  readonly machine: Machine | undefined
  readonly node: Node
  /** Why its host gives no answer; undefined when it does. The node is then known by its address or its name. */
  readonly silence: BeltError | undefined
}

/** A swarm, a manager to talk to, and those of its nodes that an operation is about. */
export interface SwarmView {
  readonly machines: readonly Machine[]
  readonly manager: Manager
  /** All nodes. */
  readonly nodes: readonly Node[]
  /** Those that were named. */
  readonly members: readonly Member[]
}

/**
 * Opens the swarm for an operation on the nodes that an expression names.
 * @throws a precheck error that lists those that are no nodes of this swarm
 */
export async function openSwarm(fleet: Fleet, expression: string | readonly string[]): Promise<SwarmView> {
  const selected = await selectMachines(fleet, expression)
  const { outside, ...view } = await viewSwarm(fleet, selected)
  if (outside.length > 0) throw notMembers(fleet, outside)
  return view
}

/** The swarm as one of its managers shows it, with those machines that are its nodes, and the others `outside`. */
export async function viewSwarm(
  fleet: Fleet,
  selected: readonly Machine[],
): Promise<SwarmView & { readonly outside: readonly Machine[] }> {
  const machines = await fleet.driver.list({ signal: fleet.signal })
  const manager = await findManager(fleet, machines)
  const [nodes, answers] = await Promise.all([
    readNodes(manager.host, fleet.signal),
    readMemberships(fleet, selected),
  ])
  const members = await membersOf(fleet, machines, selected, answers, nodes)
  const inside = new Set(members.map(({ name }) => name))
  return { machines, manager, nodes, members, outside: selected.filter(({ name }) => !inside.has(name)) }
}

async function membersOf(
  fleet: Fleet,
  machines: readonly Machine[],
  selected: readonly Machine[],
  answers: readonly Answer<Membership>[],
  nodes: readonly Node[],
): Promise<Member[]> {
  const silent = selected.filter((_, index) => !answers[index]?.ok)
  const likely = await likelyNodes(fleet, machines, silent, nodes)
  return selected.flatMap((machine, index): Member[] => {
    const answer = answers[index]
    const node = answer?.ok
      ? nodes.find(candidate => candidate.id === answer.value.nodeId)
      : likely[silent.indexOf(machine)]
    const silence = answer && !answer.ok ? answer.error : undefined
    return node ? [{ name: machine.name, machine, node, silence }] : []
  })
}

/** The refusal of machines that are not in the swarm. */
export function notMembers(fleet: Fleet, machines: readonly Machine[]): BeltError {
  const outside = machines.map(machine => machine.name)
  return precheckError(
    'not-a-member',
    `${foldShort(outside)} ${outside.length === 1 ? 'is no node' : 'are no nodes'} of the swarm of ${fleet.cluster}`,
    { hint: 'belt swarm status shows how each machine stands to the swarm', details: { outside } },
  )
}
