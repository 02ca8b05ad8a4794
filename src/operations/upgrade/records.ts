import { naturalOrder } from '../../domain/natural-order.ts'
import { expand } from '../../domain/ranges.ts'
import {
  labelsOf,
  RESUME_OR_ABORT,
  recordKeys,
  recordOf,
  type UpgradeRecord,
} from '../../domain/upgrade/record.ts'
import type { Machine } from '../../drivers/driver.ts'
import { BeltError, precheckError, reasonOf } from '../../errors.ts'
import { type Answer, failedOf, fanOut } from '../../hosts/fan-out.ts'
import type { Host } from '../../hosts/host.ts'
import { type Node, UPDATES_AT_ONCE } from '../../remote/nodes.ts'
import { setLabels } from '../../steps/set-labels.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import { findManager, type Manager } from '../swarm/find-manager.ts'
import { managersAmong, NodeIndex } from '../swarm/match-nodes.ts'
import type { Member, SwarmSelection } from '../swarm/select-nodes.ts'
import { readSnapshot, type SwarmSnapshot } from '../swarm/snapshot.ts'

/** A node of an unfinished upgrade, and the record that the swarm keeps of it. */
export interface UpgradeTarget {
  /** The name of the machine. */
  readonly name: string
  readonly machine: Machine
  readonly node: Node
  readonly record: UpgradeRecord
}

/** The swarm and its unfinished upgrade, as read at one moment. */
export interface UpgradeSnapshot extends SwarmSnapshot {
  /** A manager to ask. It is not being upgraded itself, unless it is the only one. */
  readonly manager: Manager
  /** The machines that are managers; all machines when the machine of some manager is not known. */
  readonly managers: readonly Machine[]
  /** Empty when no upgrade is unfinished. */
  readonly targets: readonly UpgradeTarget[]
}

/**
 * Reads the swarm and the records of its unfinished upgrade.
 * @throws a precheck error when a node of the upgrade has no machine, or its labels cannot be read as a record
 */
export async function readUpgrade(fleet: Fleet): Promise<UpgradeSnapshot> {
  const snapshot = await readSnapshot(fleet)
  const { machines, manager, nodes } = snapshot
  const targets = nodes
    .flatMap(node => targetOf(machines, node) ?? [])
    .sort((a, b) => naturalOrder(a.name, b.name))
  const index = new NodeIndex(nodes)
  const managers = managersAmong(
    machines,
    nodes,
    machine => targets.find(({ name }) => name === machine.name)?.node ?? index.on(machine),
  )
  // A node that is out may be a manager only until its pending demotion takes effect.
  const isGoing = targets.some(target => target.name === manager.machine.name && isOut(target))
  return {
    ...snapshot,
    manager: isGoing ? await managerBeside(fleet, managers, manager.machine.name) : manager,
    managers,
    targets,
  }
}

function targetOf(machines: readonly Machine[], node: Node): UpgradeTarget | undefined {
  const record = recordOn(node)
  if (!record) return undefined
  const machine = machines.find(({ name }) => name === record.machine)
  if (machine) return { name: machine.name, machine, node, record }
  throw precheckError(
    'no-such-machine',
    `the cluster no longer has the machine ${record.machine}, which is being upgraded`,
    {
      host: node.hostname,
      hint: `if it is gone for good: belt swarm remove --unreachable with the id of ${node.hostname}`,
    },
  )
}

/** The record that the swarm keeps of a node. @throws `bad-record` when its labels cannot be read as one */
export function recordOn({ hostname, id, labels }: Node): UpgradeRecord | undefined {
  try {
    return recordOf(labels)
  } catch (error) {
    throw new BeltError('bad-record', `the upgrade record of ${hostname} is not valid: ${reasonOf(error)}`, {
      host: hostname,
      hint: `docker node inspect ${id} shows its labels; restore the node, then remove the labels that begin with belt.upgrade.`,
    })
  }
}

/** Whether a node is out, or about to be taken out, and has not come back. */
export function isOut({ record }: UpgradeTarget): boolean {
  return record.state === 'out' || record.state === 'done'
}

/** The nodes whose part of the upgrade is not finished. */
export function pendingOf({ targets }: UpgradeSnapshot): UpgradeTarget[] {
  return targets.filter(({ record }) => record.state !== 'finished')
}

/**
 * Finds a manager to ask while a node is out: another one, unless the node is the only manager.
 * @param managers the machines that may be managers
 */
export function managerBeside(fleet: Fleet, managers: readonly Machine[], name: string): Promise<Manager> {
  const isOnly = managers.every(machine => machine.name === name)
  return findManager(fleet, managers, isOnly ? [] : [name])
}

/** What the records of all nodes of one run have in common. */
export type RunRecord = Pick<UpgradeRecord, 'upgrade' | 'options' | 'by' | 'since' | 'all' | 'degraded'>

/** Records nodes as waiting for their upgrade. @throws `not-kept` with the nodes that could not be recorded */
export async function recordWaiting(
  fleet: Fleet,
  { manager, members }: Pick<SwarmSelection, 'manager' | 'members'>,
  { upgrade, options, by, since, all, degraded }: RunRecord,
): Promise<void> {
  const run = { upgrade, options, by, since, all, degraded }
  const targets = members.flatMap(member => waitingTarget(member, run) ?? [])
  const last = lastRecorded(all)
  for (const group of [
    targets.filter(({ name }) => name !== last),
    targets.filter(({ name }) => name === last),
  ]) {
    const answers = await saveRecords(fleet, manager.host, group)
    fleet.signal.throwIfAborted()
    assertSaved(answers)
  }
}

function waitingTarget({ name, machine, node }: Member, run: RunRecord): UpgradeTarget | undefined {
  if (!machine) return undefined
  const { role, availability } = node
  return { name, machine, node, record: { ...run, machine: name, state: 'waiting', role, availability } }
}

/** The machine of a run that is recorded after all others: once it has a record, all of them have had one. */
export function lastRecorded(all: string): string | undefined {
  return expand(all, 'host').at(-1)
}

/** @throws `not-kept` with the nodes whose records could not be saved, and why */
export function assertSaved(answers: readonly Answer<UpgradeTarget>[]): void {
  const failures = failedOf(answers)
  if (failures.length === 0) return
  const reasons = failures.map(({ host, error }) => `${host}: ${error.message}`)
  throw new BeltError('not-kept', `the upgrade could not be recorded in the swarm\n${reasons.join('\n')}`, {
    hint: RESUME_OR_ABORT,
    cause: failures[0]?.error,
    details: { hosts: failures.map(({ host }) => host) },
  })
}

/** Saves the record of a node in the swarm. @returns the target with that record */
export async function saveRecord(
  fleet: Fleet,
  manager: Host,
  target: UpgradeTarget,
  record: UpgradeRecord,
): Promise<UpgradeTarget> {
  await perform(setLabels(manager, target.node, { set: labelsOf(record), remove: [] }, fleet.signal))
  return { ...target, record }
}

/** Saves the records of all targets; a failure does not stop the others. @returns one answer per target */
export function saveRecords(
  fleet: Fleet,
  manager: Host,
  targets: readonly UpgradeTarget[],
): Promise<Answer<UpgradeTarget>[]> {
  return forEach(fleet, targets, target => saveRecord(fleet, manager, target, target.record))
}

/** Removes the records of nodes that are restored; a failure does not stop the others. @returns one answer per node */
export function removeRecords(
  fleet: Fleet,
  manager: Host,
  targets: readonly UpgradeTarget[],
): Promise<Answer<void>[]> {
  return forEach(fleet, targets, target => removeRecord(fleet, manager, target))
}

function forEach<T>(
  { signal }: Fleet,
  targets: readonly UpgradeTarget[],
  work: (target: UpgradeTarget) => Promise<T>,
): Promise<Answer<T>[]> {
  return fanOut(targets, work, { concurrency: UPDATES_AT_ONCE, signal })
}

async function removeRecord(
  fleet: Fleet,
  manager: Host,
  { name, node, record }: UpgradeTarget,
): Promise<void> {
  const remove = recordKeys({ ...node.labels, ...Object.fromEntries(labelsOf(record)) })
  try {
    await perform(setLabels(manager, node, { set: new Map(), remove }, fleet.signal))
  } catch (cause) {
    fleet.signal.throwIfAborted()
    throw new BeltError(
      'record-kept',
      `${name} is restored, but its upgrade record could not be removed from the swarm: ${reasonOf(cause)}`,
      { host: name, hint: 'belt upgrade shows what is left and how to finish it', cause },
    )
  }
}
