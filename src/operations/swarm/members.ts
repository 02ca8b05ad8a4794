import { foldShort } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { type BeltError, precheckError } from '../../errors.ts'
import type { Answer } from '../../hosts/fan-out.ts'
import type { Node } from '../../remote/nodes.ts'
import type { Membership } from '../../remote/swarm.ts'
import { readNodes } from '../../steps/read-swarm.ts'
import type { Fleet } from '../fleet.ts'
import { selectMachines } from '../select-machines.ts'
import { findManager, type Manager } from './manager.ts'
import { nodeOf, readMemberships } from './view.ts'

/** A machine that is a node of the swarm. */
export interface Member {
  readonly machine: Machine
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
  const machines = await fleet.driver.list({ signal: fleet.signal })
  const manager = await findManager(fleet, machines)
  const [nodes, answers] = await Promise.all([
    readNodes(manager.host, fleet.signal),
    readMemberships(fleet, selected),
  ])
  return { machines, manager, nodes, members: membersOf(fleet, selected, answers, nodes) }
}

function membersOf(
  fleet: Fleet,
  selected: readonly Machine[],
  answers: readonly Answer<Membership>[],
  nodes: readonly Node[],
): Member[] {
  const members = selected.flatMap((machine, index): Member[] => {
    const answer = answers[index]
    const node = answer?.ok
      ? nodes.find(candidate => candidate.id === answer.value.nodeId)
      : nodeOf(machine, nodes)
    const silence = answer && !answer.ok ? answer.error : undefined
    return node ? [{ machine, node, silence }] : []
  })
  const found = new Set(members.map(({ machine }) => machine.name))
  const outside = selected.filter(machine => !found.has(machine.name)).map(machine => machine.name)
  if (outside.length === 0) return members
  throw precheckError(
    'not-a-member',
    `${foldShort(outside)} ${outside.length === 1 ? 'is no node' : 'are no nodes'} of the swarm of ${fleet.cluster}`,
    { hint: 'belt swarm status shows how each machine stands to the swarm', details: { outside } },
  )
}
