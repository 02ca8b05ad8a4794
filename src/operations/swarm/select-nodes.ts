import { foldShort } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { type BeltError, precheckError } from '../../errors.ts'
import type { Answer } from '../../hosts/fan-out.ts'
import type { Node } from '../../remote/nodes.ts'
import type { Membership } from '../../remote/swarm.ts'
import { assertNoneDenied } from '../assert-may.ts'
import type { Fleet } from '../fleet.ts'
import { selectMachines } from '../select-machines.ts'
import { likelyNodes } from './match-nodes.ts'
import { readMemberships } from './read-memberships.ts'
import { assertNotShared } from './shared-nodes.ts'
import { readSnapshot, type SwarmSnapshot } from './snapshot.ts'

/** A selected node. */
export interface Member {
  /** The machine's name, or the node's id if it has no machine. */
  readonly name: string
  /** Undefined for a ghost. */
  readonly machine: Machine | undefined
  readonly node: Node
  /**
   * Why the host does not answer; undefined if it does. Without an answer, the node is identified by its address or
   * name.
   */
  readonly unreachable: BeltError | undefined
}

/** A swarm, and the nodes of it that an expression selects. */
export interface SwarmSelection extends SwarmSnapshot {
  readonly members: readonly Member[]
}

/**
 * Reads the swarm, and selects the nodes that an expression names.
 * @throws a precheck error that lists the machines that are not nodes of this swarm
 */
export async function selectNodes(
  fleet: Fleet,
  expression: string | readonly string[],
): Promise<SwarmSelection> {
  const selected = await selectMachines(fleet, expression)
  const { outside, ...selection } = await readMembers(fleet, await readSnapshot(fleet), selected)
  if (outside.length > 0) throw notMembers(fleet, outside)
  return selection
}

/**
 * Sorts machines into nodes of the swarm and those `outside`, by asking their hosts.
 * @throws a precheck error if two machines are one node
 */
export async function readMembers(
  fleet: Fleet,
  snapshot: SwarmSnapshot,
  selected: readonly Machine[],
): Promise<SwarmSelection & { readonly outside: readonly Machine[] }> {
  const answers = await readMemberships(fleet, selected)
  assertNoneDenied(answers)
  const members = await membersOf(fleet, snapshot, selected, answers)
  await assertNotShared(
    fleet,
    snapshot,
    members.flatMap(({ machine, node, unreachable }) => (machine && !unreachable ? [{ machine, node }] : [])),
  )
  const inside = new Set(members.map(({ name }) => name))
  return { ...snapshot, members, outside: selected.filter(({ name }) => !inside.has(name)) }
}

async function membersOf(
  fleet: Fleet,
  { machines, nodes }: SwarmSnapshot,
  selected: readonly Machine[],
  answers: readonly Answer<Membership>[],
): Promise<Member[]> {
  const unread = selected.filter((_, index) => !answers[index]?.ok)
  const likely = await likelyNodes(fleet, machines, unread, nodes)
  const likelyByName = new Map(unread.map(({ name }, index) => [name, likely[index]]))
  const byId = new Map<string | undefined, Node>(nodes.map(node => [node.id, node]))
  return selected.flatMap((machine, index): Member[] => {
    const answer = answers[index]
    const node = answer?.ok ? byId.get(answer.value.nodeId) : likelyByName.get(machine.name)
    const unreachable = answer && !answer.ok ? answer.error : undefined
    return node ? [{ name: machine.name, machine, node, unreachable }] : []
  })
}

/** The machines of those members that answer. */
export function answering({ members }: SwarmSelection): Machine[] {
  return members.flatMap(({ machine, unreachable }) => (machine && !unreachable ? [machine] : []))
}

/** The error for machines that are not in the swarm. */
export function notMembers(fleet: Fleet, machines: readonly Machine[]): BeltError {
  const outside = machines.map(machine => machine.name)
  return precheckError(
    'not-a-member',
    `${foldShort(outside)} ${outside.length === 1 ? 'is not a node' : 'are not nodes'} of the swarm of ${fleet.cluster}`,
    { hint: 'belt swarm status shows the state of each machine', details: { outside } },
  )
}
