import { fold } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { fanOut } from '../../hosts/fan-out.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import { command } from '../../remote/command.ts'
import type { Fleet } from '../fleet.ts'

/** How long a machine that was just made or started may take until it answers over SSH. */
const FIRST_ANSWER_TIMEOUT_MS = 300_000

/** Waits until machines answer over SSH. @returns those that do not, with the last cause of each */
export async function awaitAnswers(
  fleet: Fleet,
  machines: readonly Machine[],
): Promise<{ name: string; error: Error }[]> {
  if (machines.length === 0) return []
  const task = fleet.progress.start('Waiting for SSH', machines.length)
  const options = { timeoutMs: FIRST_ANSWER_TIMEOUT_MS, signal: fleet.signal }
  const answers = await fanOut(
    machines,
    machine => runChecked(fleet.host(machine), command('true'), options),
    {
      ...fleet,
      onAnswer: answer => task.step(answer.host),
    },
  )
  const silent = answers.flatMap(answer => (answer.ok ? [] : [{ name: answer.host, error: answer.error }]))
  if (silent.length > 0) task.fail(`no answer from ${fold(silent.map(({ name }) => name))}`)
  else task.done()
  return silent
}
