import { fold, foldShort } from '../../domain/ranges.ts'
import type { Machine, MachineSpec, Outcome } from '../../drivers/driver.ts'
import { BeltError, ExitCode, reasonOf } from '../../errors.ts'
import { fanOut } from '../../hosts/fan-out.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import { command } from '../../remote/command.ts'
import type { Fleet } from '../fleet.ts'

/** How long a new machine may take until it answers over SSH. */
const FIRST_ANSWER_TIMEOUT_MS = 300_000

export interface Creation {
  /** Every machine that was asked for and exists now. */
  machines: Machine[]
  /** Names of those that existed before and were left as they are. */
  existing: string[]
  failures: { name: string; error: Error }[]
}

/**
 * Makes machines and waits until each answers over SSH. Safe to run again: what exists is kept, what is half made is
 * completed.
 * @throws a precheck error when nothing was attempted; an `interrupted` error that says what exists now
 */
export async function createMachines(fleet: Fleet, specs: readonly MachineSpec[]): Promise<Creation> {
  const { driver, progress, signal } = fleet
  await driver.validate({ signal, progress })
  await forgetKeysOfNewNames(fleet, specs)
  const outcomes = await driver.create(specs, { signal, progress })
  const creation = summarise(outcomes)
  if (creation.existing.length > 0)
    progress.note(`${foldShort(creation.existing)}: there already, left as it is`)
  if (!signal.aborted) await awaitFirstAnswers(fleet, creation)
  if (signal.aborted) throw interrupted(fleet, specs, creation)
  return creation
}

async function forgetKeysOfNewNames(fleet: Fleet, specs: readonly MachineSpec[]): Promise<void> {
  const existing = new Set((await fleet.driver.list({ signal: fleet.signal })).map(machine => machine.name))
  await fleet.forgetHostKeys(specs.map(spec => spec.name).filter(name => !existing.has(name)))
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

async function awaitFirstAnswers(fleet: Fleet, creation: Creation): Promise<void> {
  const failed = new Set(creation.failures.map(failure => failure.name))
  const awaited = creation.machines.filter(machine => !failed.has(machine.name) && machine.status !== 'off')
  if (awaited.length === 0) return
  const task = fleet.progress.start('Waiting for SSH', awaited.length)
  const options = { timeoutMs: FIRST_ANSWER_TIMEOUT_MS, signal: fleet.signal }
  const answers = await fanOut(
    awaited,
    machine => runChecked(fleet.host(machine), command('true'), options),
    { ...fleet, onAnswer: answer => task.step(answer.host) },
  )
  const silent = answers.filter(answer => !answer.ok)
  for (const answer of silent) creation.failures.push({ name: answer.host, error: answer.error })
  if (silent.length > 0) task.fail(`no answer from ${fold(silent.map(answer => answer.host))}`)
  else task.done()
}

function interrupted(fleet: Fleet, specs: readonly MachineSpec[], creation: Creation): BeltError {
  const wanted = fold(specs.map(spec => spec.name))
  const made = creation.machines.map(machine => machine.name)
  const state = made.length === 0 ? 'no machine was made' : `${fold(made)} of ${wanted} exist now`
  return new BeltError('interrupted', `interrupted: ${state}`, {
    exitCode: ExitCode.interrupted,
    hint: [
      `belt ls shows what ${fleet.cluster} has; the same belt create again completes it;`,
      `belt rm '${wanted}' removes it`,
    ].join(' '),
    details: { made, cause: reasonOf(fleet.signal.reason) },
  })
}
