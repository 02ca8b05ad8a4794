import { place } from '../../domain/machine-placement.ts'
import { fold, foldShort } from '../../domain/ranges.ts'
import {
  type Driver,
  type Machine,
  type MachineSpec,
  OUTCOME_UNKNOWN,
  type Outcome,
} from '../../drivers/driver.ts'
import { BeltError, ExitCode, reasonOf } from '../../errors.ts'
import type { Fleet } from '../fleet.ts'
import { awaitAnswers } from './await-answers.ts'
import { awaitListed } from './unfinished.ts'

export interface Creation {
  /** Every machine that was asked for and exists now. */
  machines: Machine[]
  /** Names of those that existed before and were left as they are. */
  existing: string[]
  failures: { name: string; error: Error }[]
}

export interface CreateOptions {
  /** Creates the machines (default: the driver's `create`). */
  readonly make?: Driver['create']
  /** Whether to wait until they answer over SSH (default: yes). */
  readonly awaitSsh?: boolean
}

/**
 * Creates machines and waits until each answers over SSH. Safe to run again: existing machines are kept, and incomplete
 * ones are completed. The journal records the order before it is sent, and closes it when every outcome is known.
 * @throws a precheck error when nothing was attempted; an `interrupted` error that says what exists now
 */
export async function createMachines(
  fleet: Fleet,
  specs: readonly MachineSpec[],
  { make, awaitSsh = true }: CreateOptions = {},
): Promise<Creation> {
  const { driver, progress, signal } = fleet
  await driver.validate({ signal, progress })
  await awaitListed(
    fleet,
    specs.map(spec => spec.name),
  )
  // A machine that somebody else made since the last list must not lose its host key.
  fleet.machines.forget()
  const existing = await fleet.machines.list(signal)
  await forgetKeysOfNewNames(fleet, specs, existing)
  const outcomes = await order(fleet, placed(fleet, specs, existing), make)
  const creation = summarise(outcomes)
  if (creation.existing.length > 0) {
    progress.note(`${foldShort(creation.existing)}: already exists, skipped`)
  }
  if (signal.aborted) throw interrupted(fleet, specs, creation)
  await fleet.creates.recordOutcome(outcomes.filter(isOutcomeKnown).map(outcome => outcome.name))
  const failed = new Set(creation.failures.map(failure => failure.name))
  const usable = creation.machines.filter(({ name, status }) => !failed.has(name) && status !== 'off')
  if (awaitSsh) creation.failures.push(...(await awaitAnswers(fleet, usable)))
  if (signal.aborted) throw interrupted(fleet, specs, creation)
  return creation
}

/** Sends the order, noted in the journal before; a driver that throws has attempted nothing. */
async function order(
  fleet: Fleet,
  specs: readonly MachineSpec[],
  make: Driver['create'] = fleet.driver.create.bind(fleet.driver),
): Promise<Outcome[]> {
  const { progress, signal, creates } = fleet
  const names = specs.map(spec => spec.name)
  const operation = await creates.begin(names)
  try {
    return await make(specs, { signal, progress, operation })
  } catch (error) {
    await creates.recordOutcome(names)
    throw error
  } finally {
    fleet.machines.forget()
  }
}

async function forgetKeysOfNewNames(
  fleet: Fleet,
  specs: readonly MachineSpec[],
  existing: readonly Machine[],
): Promise<void> {
  const names = new Set(existing.map(machine => machine.name))
  await fleet.forgetHostKeys(specs.map(spec => spec.name).filter(name => !names.has(name)))
}

/** Gives a region to each spec that has none, where the config names several. */
function placed(fleet: Fleet, specs: readonly MachineSpec[], existing: readonly Machine[]): MachineSpec[] {
  const open = specs.filter(spec => spec.region === undefined).map(spec => spec.name)
  const known = existing.map(({ name, region }) => ({ name, place: region }))
  const places = place(open, fleet.regions, known)
  return specs.map(spec => {
    const region = spec.region ?? places.get(spec.name)
    return region === undefined ? spec : { ...spec, region }
  })
}

/** A driver that refuses says why with a coded error; anything else leaves open whether a machine was made. */
function isOutcomeKnown(outcome: Outcome): boolean {
  return outcome.ok || (outcome.error instanceof BeltError && outcome.error.code !== OUTCOME_UNKNOWN)
}

function summarise(outcomes: readonly Outcome[]): Creation {
  const creation: Creation = { machines: [], existing: [], failures: [] }
  for (const outcome of outcomes) {
    if (outcome.machine) creation.machines.push(outcome.machine)
    if (!outcome.ok) creation.failures.push({ name: outcome.name, error: outcome.error })
    else if (!outcome.changed) creation.existing.push(outcome.name)
  }
  return creation
}

function interrupted(fleet: Fleet, specs: readonly MachineSpec[], creation: Creation): BeltError {
  const wanted = fold(specs.map(spec => spec.name))
  const made = creation.machines.map(machine => machine.name)
  const state = made.length === 0 ? 'no machine was created' : `${fold(made)} of ${wanted} exist now`
  return new BeltError('interrupted', `interrupted: ${state}`, {
    exitCode: ExitCode.interrupted,
    hint: [
      `belt ls shows the machines of ${fleet.cluster}; run the same belt create again to complete it;`,
      `or belt rm '${wanted}' to destroy them`,
    ].join(' '),
    details: { made, cause: reasonOf(fleet.signal.reason) },
  })
}
