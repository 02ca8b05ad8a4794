import { fold } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { reasonOf } from '../../errors.ts'
import { mayBeBooting } from '../../hosts/errors.ts'
import { fanOut } from '../../hosts/fan-out.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import type { Slot } from '../../hosts/slots.ts'
import type { ProgressTask } from '../../progress.ts'
import { reading } from '../../remote/command.ts'
import { retry } from '../../retry.ts'
import type { Fleet } from '../fleet.ts'

/** How long a machine that was just made or started may take until it answers over SSH. */
const FIRST_ANSWER_TIMEOUT_MS = 300_000
const FIRST_ANSWER_POLL_MS = 1000

/** Waits until machines answer over SSH. @returns those that do not, with the last cause of each */
export async function awaitAnswers(
  fleet: Fleet,
  machines: readonly Machine[],
): Promise<{ name: string; error: Error }[]> {
  if (machines.length === 0) return []
  const task = fleet.progress.start('Waiting for SSH', machines.length)
  const answers = await fanOut(machines, (machine, turn) => firstAnswer(fleet, machine, turn, task), {
    ...fleet,
    onAnswer: answer => task.step(answer.host),
  })
  const silent = answers.flatMap(answer => (answer.ok ? [] : [{ name: answer.host, error: answer.error }]))
  if (silent.length > 0) task.fail(`no answer from ${fold(silent.map(({ name }) => name))}`)
  else task.done()
  return silent
}

/** However old a machine is, it refuses connections, or is silent, until it has booted. */
async function firstAnswer(fleet: Fleet, machine: Machine, turn: Slot, task: ProgressTask): Promise<void> {
  const host = fleet.host(machine)
  const { signal, clock } = fleet
  await retry(timeoutMs => runChecked(host, reading('true'), { timeoutMs, signal, slot: turn }), {
    deadlineMs: FIRST_ANSWER_TIMEOUT_MS,
    everyMs: FIRST_ANSWER_POLL_MS,
    signal,
    clock,
    retryable: mayBeBooting,
    onRetry: error => task.update(reasonOf(error)),
  })
}
