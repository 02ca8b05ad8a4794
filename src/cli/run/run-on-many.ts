import type { Machine } from '../../drivers/driver.ts'
import type { Fleet } from '../../operations/fleet.ts'
import { failed } from '../../operations/run-on-hosts.ts'
import type { ProcessCommand } from '../../remote/command.ts'
import { runDocument } from '../../ui/run-document.ts'
import { runSummary } from '../../ui/run-summary.ts'
import { stdio } from '../../ui/stdio.ts'
import { printAll } from './print-all.ts'
import { exitCodeOfRun } from './run-exit-code.ts'
import { type ManyRun, shows } from './shows.ts'

/** Runs a command on several hosts, shows their output, and prints a summary on stderr. @returns Belt's exit code */
export async function runOnMany(
  fleet: Fleet,
  machines: readonly Machine[],
  command: ProcessCommand,
  run: ManyRun,
): Promise<number> {
  const start = performance.now()
  const { answers, rows = [] } =
    machines.length > 0 ? await shows[run.mode]({ fleet, machines, command }, run) : { answers: [] }
  if (run.mode === 'json') {
    const failures = answers.filter(failed).map(answer => answer.host)
    await printAll(runDocument(rows, failures))
  }
  if (answers.length > 0) await stdio.report(runSummary(answers, performance.now() - start))
  return exitCodeOfRun(answers, run.relay.taken.aborted || fleet.signal.aborted)
}
