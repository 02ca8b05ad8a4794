import { fold, foldShort } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import {
  amended,
  BeltError,
  type BeltErrorOptions,
  exitCodeAfterChange,
  precheckError,
} from '../../errors.ts'
import { type Answer, failedOf, fanOut } from '../../hosts/fan-out.ts'
import { leaveSwarm } from '../../steps/leave-swarm.ts'
import { removeNode } from '../../steps/remove-node.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import { selectMachines } from '../select-machines.ts'
import { assertMayChangeRoles, changeRoles, checkRoles } from './change-roles.ts'
import { drainNodes } from './drain.ts'
import { findManager, type Manager } from './find-manager.ts'
import { knownNodes } from './known-nodes.ts'
import { likelyNodes } from './match-nodes.ts'
import { readMemberships } from './read-memberships.ts'
import { type Member, notMembers, readMembers, type SwarmSelection } from './select-nodes.ts'
import { readSnapshot } from './snapshot.ts'

/** A checked removal. Nothing was changed yet. */
export interface Removal {
  /** Its members are the nodes to remove. */
  readonly view: SwarmSelection
  /** Whether the nodes no longer answer. Such nodes are neither drained nor asked to leave. */
  readonly unreachable: boolean
}

/**
 * Checks the removal of nodes that answer. A machine that has left but is still listed counts as one.
 * @throws a quorum refusal (exit code 5); a precheck error for nodes that do not answer or are in no swarm, and for managers
 *   whose login user may not become root
 */
export async function planRemoval(fleet: Fleet, expression: readonly string[]): Promise<Removal> {
  const selected = await selectMachines(fleet, expression)
  const { outside, ...view } = await readMembers(fleet, await readSnapshot(fleet), selected)
  const left = await leftButListed(fleet, outside, view)
  if (left.length < outside.length)
    throw notMembers(
      fleet,
      outside.filter(({ name }) => !left.some(member => member.name === name)),
    )
  const silent = view.members.filter(({ unreachable }) => unreachable)
  if (silent[0]) {
    throw precheckError(
      'unreachable-nodes',
      `${foldShort(silent.map(({ name }) => name))} cannot leave by themselves: ${silent[0].unreachable?.message}`,
      { hint: 'start them first; if they are lost for good: belt swarm remove --unreachable NODES' },
    )
  }
  const all = { ...view, members: [...view.members, ...left] }
  checkRoles(all, 'worker')
  await assertMayChangeRoles(fleet, managersOf(all, false).members)
  return { view: all, unreachable: false }
}

/** The members among machines that say they are in no swarm: they have left, and are still listed. */
export async function leftButListed(
  fleet: Fleet,
  outside: readonly Machine[],
  { machines, nodes }: SwarmSelection,
): Promise<Member[]> {
  const answers = await readMemberships(fleet, outside)
  const inactive = outside.filter((_, index) => {
    const answer = answers[index]
    return answer?.ok && answer.value.state === 'inactive'
  })
  const likely = await likelyNodes(fleet, machines, inactive, nodes)
  return inactive.flatMap((machine, index): Member[] => {
    const node = likely[index]
    return node ? [{ name: machine.name, machine, node, unreachable: undefined }] : []
  })
}

/**
 * Checks the removal of nodes that answer neither Belt nor the managers.
 * @param words names of machines, or ids of nodes without a machine
 * @throws a precheck error if one of them answers after all; a quorum refusal
 */
export async function planUnreachableRemoval(fleet: Fleet, words: readonly string[]): Promise<Removal> {
  const snapshot = await readSnapshot(fleet)
  const ghosts = snapshot.nodes.filter(node => words.includes(node.id))
  const names = words.filter(word => !ghosts.some(({ id }) => id === word))
  const selected = names.length > 0 ? await selectMachines(fleet, names) : []
  const { outside, ...view } = await readMembers(fleet, snapshot, selected)
  if (outside.length > 0) throw notMembers(fleet, outside)
  const members = [
    ...view.members,
    ...ghosts.map(node => ({ name: node.id, machine: undefined, node, unreachable: undefined })),
  ]
  await assertDown(fleet, view.manager, members)
  checkRoles({ ...view, members }, 'worker')
  return { view: { ...view, members }, unreachable: true }
}

async function assertDown(fleet: Fleet, { host }: Manager, members: readonly Member[]): Promise<void> {
  const answering = members.filter(({ machine, unreachable }) => machine && !unreachable)
  if (answering.length > 0) {
    const one = answering.length === 1
    throw stillAlive(`${namesOf(answering)} still ${one ? 'answers' : 'answer'}`, {
      hint: `remove ${one ? 'it' : 'them'} without --unreachable`,
    })
  }
  const nodes = await knownNodes(fleet, host, {
    nodeIds: members.map(({ node }) => node.id),
    silentIds: members.flatMap(({ machine, node }) => (machine ? [node.id] : [])),
  })
  const states = new Map(nodes.map(({ id, state }) => [id, state]))
  const ready = members.filter(({ node }) => states.get(node.id) === 'ready')
  if (ready.length > 0) {
    throw stillAlive(`the managers still reach ${namesOf(ready)}`, {
      hint: 'make it answer Belt and remove it without --unreachable, or switch it off; managers notice after about 15 s that a node is down',
    })
  }
  const unknown = members.filter(({ node }) => states.get(node.id) !== 'down')
  if (unknown.length === 0) return
  throw precheckError('unknown-nodes', `${namesOf(unknown)} may be alive: the managers do not know yet`, {
    hint: 'they know within a minute after a change of leader; belt swarm status shows it',
  })
}

function stillAlive(message: string, options: BeltErrorOptions): BeltError {
  return precheckError('still-alive', message, options)
}

function namesOf(members: readonly Member[]): string {
  return foldShort(members.map(({ name }) => name))
}

/**
 * Removes nodes in the only safe order: drain, demote, leave, wait until down, remove. A node that fails stops before
 * its next step. Running the same removal again continues there.
 */
export async function removeNodes(
  fleet: Fleet,
  { view, unreachable }: Removal,
  drainDeadlineMs?: number,
): Promise<Answer<void>[]> {
  if (!unreachable) await drainNodes(fleet, view, drainDeadlineMs)
  const managers = managersOf(view, unreachable)
  try {
    return await removeDrained(fleet, view, managers)
  } catch (error) {
    if (!(error instanceof BeltError) || (unreachable && managers.members.length === 0)) throw error
    const names = fold(view.members.map(({ name }) => name))
    const drained = unreachable ? '' : `\n${names} ${view.members.length === 1 ? 'stays' : 'stay'} drained`
    throw amended(error, `${error.message}${drained}`, { exitCode: exitCodeAfterChange(error) })
  }
}

/** @param managers the swarm, with the nodes to demote first as its members */
async function removeDrained(
  fleet: Fleet,
  view: SwarmSelection,
  managers: SwarmSelection,
): Promise<Answer<void>[]> {
  const demoted = managers.members.length > 0 ? await changeRoles(fleet, managers, 'worker') : []
  const failures = failedOf(demoted)
  const ready = view.members.filter(({ name }) => !failures.some(({ host }) => host === name))
  const manager = await findManager(
    fleet,
    view.machines,
    view.members.map(({ name }) => name),
  )
  const task = fleet.progress.start(`Removing ${fold(ready.map(({ name }) => name))}`, ready.length)
  const answers = await fanOut(
    ready,
    async ({ machine, node, unreachable }) => {
      if (machine && !unreachable) await perform(leaveSwarm(fleet.host(machine), { force: false }, fleet))
      await perform(removeNode(manager.host, node, fleet))
    },
    { concurrency: fleet.concurrency, signal: fleet.signal, onAnswer: ({ host }) => task.step(host) },
  )
  task.done()
  return [...answers, ...failures]
}

/**
 * The nodes that the managers count as managers. A node that was promoted but is not counted yet may be about to become
 * one, so Belt waits for it. A dead one never does, and cannot be demoted: a forced new cluster leaves such nodes.
 */
function managersOf(view: SwarmSelection, unreachable: boolean): SwarmSelection {
  const isManager = ({ node }: Member) =>
    node.reachability !== undefined || (node.role === 'manager' && !unreachable)
  return { ...view, members: view.members.filter(isManager) }
}

/** The machines of the removed nodes. A ghost has none. */
export function machinesOf({ view }: Removal, answers: readonly Answer<void>[]): Machine[] {
  const removed = new Set(answers.filter(answer => answer.ok).map(answer => answer.host))
  return view.members.flatMap(({ name, machine }) => (machine && removed.has(name) ? [machine] : []))
}
