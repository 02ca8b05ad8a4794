import type { Machine } from '../../drivers/driver.ts'
import { BeltError, reasonOf } from '../../errors.ts'
import { type Answer, fanOut } from '../../hosts/fan-out.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import { readNodeId } from '../../queries/membership.ts'
import { readNode, readNodes } from '../../queries/nodes.ts'
import { Change, inContext } from '../../record.ts'
import type { Node } from '../../remote/nodes.ts'
import { roleCommand } from '../../remote/nodes.ts'
import { leaveSwarm } from '../../steps/leave-swarm.ts'
import { setAvailability } from '../../steps/set-availability.ts'
import { setLabels } from '../../steps/set-labels.ts'
import { perform } from '../../steps/step.ts'
import { pollUntil } from '../../waits/poll-until.ts'
import type { Fleet } from '../fleet.ts'
import { addressesOf } from '../machines/address.ts'
import { oneByOne } from '../one-by-one.ts'
import type { Manager } from '../swarm/find-manager.ts'
import { joinNodes } from '../swarm/join.ts'
import { leftovers, REJOIN_LABEL } from './leftovers.ts'

/**
 * How long former managers that live may take to join by themselves. Their engines notice that the Raft group has
 * dropped them, forget its log, and join again as the nodes they were; seen to take up to 50 s. One that knows only lost
 * managers keeps trying those.
 */
const RETURN_MS = 120_000
const RETURN_POLL_MS = 2000
const REQUEST_TIMEOUT_MS = 30_000
/** The engine demotes nobody who has not come back into the Raft group: then nothing is taken from it by leaving. */
const NO_MEMBER = /can't find manager in raft memberlist/

/** A former manager that lives, or may live, and its old node. */
interface Former {
  readonly name: string
  readonly machine: Machine
  readonly node: Node
}

/** What became of the former managers that live. */
export interface Rejoined {
  /** One answer each, those that may live included: true when it had to join anew. */
  readonly rejoined: readonly Answer<boolean>[]
  /** The ids of the old nodes that no new node has replaced. */
  readonly kept: readonly string[]
}

/**
 * Waits until the living former managers have come back by themselves, and makes the others leave and join again, one at a
 * time. A manager that may be back in the Raft group never leaves: the new quorum would be lost with it.
 * @param assumeLost names of machines, addresses or ids of nodes that are known to be lost, and not waited for
 */
export async function rejoinManagers(
  fleet: Fleet,
  manager: Manager,
  assumeLost: readonly string[],
  returnMs = RETURN_MS,
): Promise<Rejoined> {
  // Which machines are off decides which managers may be alive.
  fleet.machines.forget()
  const machines = await fleet.machines.list(fleet.signal)
  const formers = await formerManagers(fleet, manager, machines, assumeLost)
  if (formers.length === 0) return { rejoined: [], kept: [] }
  const task = fleet.progress.start('Waiting for former managers', formers.length)
  const late = await awaitReturn(fleet, manager, formers, returnMs)
  for (const { name } of formers) if (!late.some(former => former.name === name)) task.step(name)
  const anew = await oneByOne(late, former => joinAnew(fleet, manager, former).then(() => true), {
    signal: fleet.signal,
    onAnswer: ({ host }) => task.step(host),
  })
  task.done()
  const back = formers.filter(({ name }) => !late.some(former => former.name === name))
  const rejoined = [
    ...back.map(({ name }) => ({ host: name, ok: true as const, value: false, durationMs: 0 })),
    ...anew,
  ]
  const replaced = new Set(late.filter((_, index) => anew[index]?.ok).map(({ node }) => node.id))
  return { rejoined, kept: formers.map(({ node }) => node.id).filter(id => !replaced.has(id)) }
}

/**
 * Those whose hosts still take themselves for the node, or left it in an earlier run; then those whose hosts
 * do not say, and are not known to be lost.
 */
async function formerManagers(
  fleet: Fleet,
  manager: Manager,
  machines: readonly Machine[],
  assumeLost: readonly string[],
): Promise<Former[]> {
  const left = leftovers(await readNodes(manager.host, fleet.signal))
  const asked = machines.filter(({ status }) => status !== 'off')
  const answers = await fanOut(asked, machine => readNodeId(fleet.host(machine), fleet.signal), fleet)
  const formerOn = (machine: Machine, isIts: (node: Node) => boolean): Former[] => {
    const node = left.find(isIts) ?? left.find(old => isMarked(old, machine))
    return node ? [{ name: machine.name, machine, node }] : []
  }
  const living = asked.flatMap((machine, index) => {
    const answer = answers[index]
    return answer?.ok ? formerOn(machine, ({ id }) => id === answer.value) : []
  })
  const silent = asked
    .filter((_, index) => !answers[index]?.ok)
    .flatMap(machine => formerOn(machine, ({ address }) => addressesOf(machine).includes(address)))
    .filter(({ name, node }) => ![name, node.address, node.id].some(word => assumeLost.includes(word)))
  return [...living, ...silent]
}

/** Whether an old node is that of a machine, and was marked by an earlier run. */
function isMarked({ labels }: Node, { name }: Machine): boolean {
  return labels[REJOIN_LABEL] === name
}

/** Waits for former managers to come back by themselves. Returns those that did not come back in time. */
async function awaitReturn(
  fleet: Fleet,
  { host }: Manager,
  formers: readonly Former[],
  deadlineMs: number,
): Promise<readonly Former[]> {
  const lateIn = (nodes: readonly Node[]) => {
    const back = new Set(nodes.filter(({ reachability }) => reachability === 'reachable').map(({ id }) => id))
    return formers.filter(({ node }) => !back.has(node.id))
  }
  // A manager that an earlier run took out does not come back by itself.
  const isAwaited = ({ node }: Former) => !(REJOIN_LABEL in node.labels)
  const missingIn = (nodes: readonly Node[]) =>
    lateIn(nodes).some(isAwaited) ? 'former managers are not back yet' : undefined
  const read = () => readNodes(host, fleet.signal)
  return lateIn(
    await pollUntil(read, missingIn, {
      deadlineMs,
      everyMs: RETURN_POLL_MS,
      signal: fleet.signal,
      clock: fleet.clock,
    }),
  )
}

/** Makes a former manager leave, and join again with the labels and the availability of its old node. */
async function joinAnew(fleet: Fleet, manager: Manager, { name, machine, node }: Former): Promise<void> {
  const host = fleet.host(machine)
  const nodeId = await readNodeId(host, fleet.signal).catch(cause => {
    throw mayLive(name, cause)
  })
  if (nodeId === node.id) {
    const mark = { set: new Map([[REJOIN_LABEL, name]]), remove: [] }
    await perform(setLabels(manager.host, node, mark, fleet.signal))
    await demote(manager, name, node, fleet.signal)
    const { reachability } = await readNode(manager.host, node, fleet.signal)
    if (reachability !== undefined) throw backAfterAll(name)
    await perform(leaveSwarm(host, { force: true }, fleet))
  }
  // The waits before may have taken minutes, and a machine that was restarted meanwhile may have a new address.
  fleet.machines.forget()
  const [answer] = await joinNodes(fleet, { manager: manager.machine.name, nodes: name, role: 'manager' })
  if (answer && !answer.ok) throw answer.error
  await copySettings(fleet, manager, machine, node)
}

/** A node that is to become a worker does not rejoin by itself at the wrong moment. */
async function demote({ host }: Manager, name: string, node: Node, signal: AbortSignal): Promise<void> {
  const asWorker = new Change(`${name} becomes a worker`, node.role, 'worker')
  const request = () =>
    runChecked(host, roleCommand(node.id, 'worker'), { timeoutMs: REQUEST_TIMEOUT_MS, signal })
  await inContext({ title: `demote ${name}`, changes: [asWorker] }, request).catch(error => {
    if (!NO_MEMBER.test(reasonOf(error))) throw error
  })
}

async function copySettings(fleet: Fleet, manager: Manager, machine: Machine, old: Node): Promise<void> {
  const nodeId = await readNodeId(fleet.host(machine), fleet.signal)
  const node = (await readNodes(manager.host, fleet.signal)).find(({ id }) => id === nodeId)
  if (!node) return
  const labels = Object.entries(old.labels).filter(([key]) => key !== REJOIN_LABEL)
  await perform(setLabels(manager.host, node, { set: new Map(labels), remove: [] }, fleet.signal))
  await perform(setAvailability(manager.host, node, old.availability, fleet.signal))
}

function backAfterAll(name: string): BeltError {
  return new BeltError(
    'back-meanwhile',
    `${name} came back into the Raft group at the last moment, and was left there`,
    {
      host: name,
      hint: `it becomes a worker; promote it then: belt swarm promote ${name}`,
    },
  )
}

function mayLive(name: string, cause: unknown): BeltError {
  return new BeltError(
    'unknown-manager',
    `${name} may be alive, so its old node stays on the list: ${reasonOf(cause)}`,
    {
      host: name,
      hint: `start it and run belt swarm recover again; if you know that it is lost for good: belt swarm recover --assume-lost ${name}`,
      cause,
    },
  )
}
