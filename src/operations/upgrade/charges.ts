import { naturalOrder } from '../../domain/natural-order.ts'
import { labelsOf, recordKeys, recordOf, type UpgradeRecord } from '../../domain/upgrade/record.ts'
import type { Machine } from '../../drivers/driver.ts'
import { BeltError, precheckError, reasonOf } from '../../errors.ts'
import { type Answer, fanOut } from '../../hosts/fan-out.ts'
import type { Host } from '../../hosts/host.ts'
import { readNodes } from '../../queries/read-swarm.ts'
import { type Node, UPDATES_AT_ONCE } from '../../remote/nodes.ts'
import { setLabels } from '../../steps/set-labels.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import { findManager, type Manager } from '../swarm/find-manager.ts'
import { managersAmong, nodeOf } from '../swarm/match-nodes.ts'

/** A node of an upgrade that is not finished, and what the swarm keeps about it. */
export interface Charge {
  /** The machine's name. */
  readonly name: string
  readonly machine: Machine
  readonly node: Node
  readonly record: UpgradeRecord
}

/** A swarm with an upgrade that is not finished; without charges it has none. */
export interface UpgradeScene {
  readonly machines: readonly Machine[]
  /** A manager to ask that is not out itself, unless it is the only one. */
  readonly manager: Manager
  /** The machines that are managers now; all, where some manager's is not known. */
  readonly managers: readonly Machine[]
  readonly nodes: readonly Node[]
  readonly charges: readonly Charge[]
}

/**
 * Reads what the swarm itself keeps about an upgrade.
 * @throws a precheck error when a node that is being upgraded has no machine here, or its labels make no sense
 */
export async function readScene(fleet: Fleet): Promise<UpgradeScene> {
  const machines = await fleet.driver.list({ signal: fleet.signal })
  const manager = await findManager(fleet, machines)
  const nodes = await readNodes(manager.host, fleet.signal)
  const charges = nodes.flatMap(node => {
    const record = recordOn(node)
    if (!record) return []
    const machine = machines.find(({ name }) => name === record.machine)
    return machine ? [{ name: machine.name, machine, node, record }] : [withoutMachine(node, record)]
  })
  const managers = managersAmong(
    machines,
    nodes,
    machine => charges.find(({ name }) => name === machine.name)?.node ?? nodeOf(machine, nodes),
  )
  // One that is out may be a manager for a moment only: its demotion may just be coming to its end.
  const isGoing = charges.some(charge => charge.name === manager.machine.name && isTakenOut(charge))
  return {
    machines,
    manager: isGoing ? await managerBeside(fleet, managers, manager.machine.name) : manager,
    managers,
    nodes,
    charges: charges.sort((a, b) => naturalOrder(a.name, b.name)),
  }
}

/** Whether a node has been taken out, or is about to be, and is not back yet. */
export function isTakenOut({ record }: Charge): boolean {
  return record.state === 'out' || record.state === 'done'
}

/** What the swarm keeps about a node's upgrade. @throws when it makes no sense */
export function recordOn({ hostname, id, labels }: Node): UpgradeRecord | undefined {
  try {
    return recordOf(labels)
  } catch (error) {
    throw new BeltError(
      'bad-record',
      `what is kept about the upgrade of ${hostname} makes no sense: ${reasonOf(error)}`,
      {
        host: hostname,
        hint: `docker node inspect ${id} shows its labels; remove those that begin with belt.upgrade. once it is as it should be`,
      },
    )
  }
}

function withoutMachine({ hostname }: Node, { machine }: UpgradeRecord): never {
  throw precheckError(
    'no-such-machine',
    `${machine}, which is being upgraded, is no machine of this cluster any more`,
    {
      host: hostname,
      hint: `if it is gone for good: belt swarm remove --unreachable with the id of ${hostname}`,
    },
  )
}

/** Those that are not as they were yet. */
export function pendingOf({ charges }: UpgradeScene): Charge[] {
  return charges.filter(({ record }) => record.state !== 'finished')
}

/**
 * A manager to ask while a node is out: another one, unless there is no other.
 * @param managers the machines that may be managers
 */
export function managerBeside(fleet: Fleet, managers: readonly Machine[], name: string): Promise<Manager> {
  const isOnly = managers.every(machine => machine.name === name)
  return findManager(fleet, managers, isOnly ? [] : [name])
}

/** Has the swarm keep a record of a node. @returns the charge with it */
export async function keepRecord(
  fleet: Fleet,
  manager: Host,
  charge: Charge,
  record: UpgradeRecord,
): Promise<Charge> {
  await perform(setLabels(manager, charge.node, { set: labelsOf(record), remove: [] }, fleet.signal))
  return { ...charge, record }
}

/** Has the swarm keep the records of charges, of whichever it can. @returns one answer per charge */
export function keepRecords(
  fleet: Fleet,
  manager: Host,
  charges: readonly Charge[],
): Promise<Answer<Charge>[]> {
  return ofEach(fleet, charges, charge => keepRecord(fleet, manager, charge, charge.record))
}

/** Has the swarm forget what it kept of nodes, of whichever it can: they are as they were before. @returns one answer per node */
export function forgetRecords(
  fleet: Fleet,
  manager: Host,
  charges: readonly Charge[],
): Promise<Answer<void>[]> {
  return ofEach(fleet, charges, charge => forgetRecord(fleet, manager, charge))
}

function ofEach<T>(
  { signal }: Fleet,
  charges: readonly Charge[],
  work: (charge: Charge) => Promise<T>,
): Promise<Answer<T>[]> {
  return fanOut(charges, work, { concurrency: UPDATES_AT_ONCE, signal })
}

async function forgetRecord(fleet: Fleet, manager: Host, { name, node, record }: Charge): Promise<void> {
  const remove = recordKeys({ ...node.labels, ...Object.fromEntries(labelsOf(record)) })
  try {
    await perform(setLabels(manager, node, { set: new Map(), remove }, fleet.signal))
  } catch (cause) {
    fleet.signal.throwIfAborted()
    throw new BeltError(
      'record-kept',
      `${name} is as it was, but the swarm could not be made to forget its upgrade: ${reasonOf(cause)}`,
      { host: name, hint: 'belt upgrade shows what is left, and what ends it', cause },
    )
  }
}
