import type { BackupManifest } from '../../domain/backup-manifest.ts'
import type { Machine } from '../../drivers/driver.ts'
import { precheckError } from '../../errors.ts'
import { answersAt, readAddresses } from '../../queries/addresses.ts'
import { readCertificate } from '../../queries/certificate.ts'
import { readMembership } from '../../queries/membership.ts'
import { SWARM_PORT } from '../../remote/swarm.ts'
import { assertMay } from '../assert-may.ts'
import type { Fleet } from '../fleet.ts'
import { selectMachine } from '../select-machines.ts'
import { assertNoFork, assertNoLivingManager } from './assert-no-fork.ts'
import { readParticipations } from './other-managers.ts'

/** A checked restore. Nothing was changed yet. */
export interface RestorePlan {
  readonly machine: Machine
  readonly manifest: BackupManifest
  readonly options: RestoreOptions
  /** Whether the machine gets the old address in addition to its own. */
  readonly alias: boolean
  /** Whether it manages this swarm already, so that only the contents are compared. */
  readonly done: boolean
  /** Machines that are off. None of them may start with its old swarm state. */
  readonly off: readonly string[]
}

export interface RestoreOptions {
  /** The machine to restore on. */
  readonly name: string
  /** Whether the old address may be added to it. */
  readonly alias: boolean
  /** Managers that the user assumes to be lost: names, addresses or node ids. */
  readonly assumeLost: readonly string[]
}

/**
 * Checks that a swarm can be restored on a machine: every other manager of it is accounted for and not alive, and the
 * machine owns the address that the other members know.
 * @throws a precheck error that names the obstacle; a usage error if `--assume-lost` names nothing that exists
 */
export async function planRestore(
  fleet: Fleet,
  manifest: BackupManifest,
  options: RestoreOptions,
): Promise<RestorePlan> {
  const machine = await selectMachine(fleet, options.name)
  await assertMay(fleet, [machine], 'root')
  const machines = await fleet.machines.list(fleet.signal)
  const others = machines.filter(({ name }) => name !== machine.name)
  const participations = await readParticipations(fleet, others, manifest.clusterId)
  assertNoLivingManager(participations, manifest.clusterId)
  const done = await managesAlready(fleet, manifest, machine)
  const alias = !done && (await needsAlias(fleet, manifest, machine, options.alias))
  if (!done) await assertNoFork(fleet, manifest, machine, participations, options.assumeLost)
  const off = others.filter(({ status }) => status === 'off').map(({ name }) => name)
  return { machine, manifest, options, alias, done, off }
}

/**
 * Repeats the plan, because time may have passed since the first one.
 * @throws a precheck error if there is an obstacle now, or the plan has changed
 */
export async function assertPlanUnchanged(fleet: Fleet, plan: RestorePlan): Promise<void> {
  fleet.machines.forget()
  const now = await planRestore(fleet, plan.manifest, plan.options)
  if (now.machine.id === plan.machine.id && now.alias === plan.alias && now.done === plan.done) return
  throw precheckError('changed-meanwhile', `${plan.machine.name} has changed since the plan was made`, {
    host: plan.machine.name,
    hint: 'run the command again to see a new plan',
  })
}

async function managesAlready(
  fleet: Fleet,
  { clusterId, node }: BackupManifest,
  machine: Machine,
): Promise<boolean> {
  const host = fleet.host(machine)
  const membership = await readMembership(host, fleet.signal)
  if (membership.state === 'inactive') return false
  const own = membership.clusterId ?? (await readCertificate(host, fleet.signal)).clusterId
  const works = membership.isManager && !membership.error
  if (own === clusterId && (!works || membership.nodeId === node.id)) return works
  throw precheckError('already-member', `${machine.name} is in a swarm: ${own}`, {
    host: machine.name,
    hint: `choose another machine, or make it leave that swarm: belt swarm leave ${machine.name} --force`,
  })
}

async function needsAlias(
  fleet: Fleet,
  { node: { address } }: BackupManifest,
  machine: Machine,
  allowed: boolean,
): Promise<boolean> {
  const host = fleet.host(machine)
  if ((await readAddresses(host, fleet.signal)).includes(address)) return false
  if (!allowed) {
    throw precheckError(
      'other-address',
      `${machine.name} does not have the address ${address}, by which the swarm knows its manager`,
      {
        host: machine.name,
        hint: `give it that address, or let Belt add it to the machine if the network routes it there: --alias`,
        details: { address },
      },
    )
  }
  const taken = await Promise.all([SWARM_PORT, 22].map(port => answersAt(host, address, port, fleet.signal)))
  if (!taken.includes(true)) return true
  throw precheckError(
    'address-in-use',
    `another host answers at ${address}, so ${machine.name} cannot use it`,
    {
      host: machine.name,
      hint: 'the old manager may still be alive: see belt ls and belt swarm status',
    },
  )
}
