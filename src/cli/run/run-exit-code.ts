import { ExitCode } from '../../errors.ts'
import type { Answer } from '../../hosts/fan-out.ts'
import type { Exit } from '../../hosts/host.ts'
import { failed } from '../../operations/run-on-hosts.ts'
import { exitCodeOf } from '../exit-code.ts'

/**
 * The exit code of a run on hosts: 0, 4 if some failed, 1 if all failed, 130 if it was interrupted. For one host: its own
 * exit code, or the one for its error.
 */
export function exitCodeOfRun(answers: readonly Answer<unknown>[], interrupted: boolean): number {
  if (interrupted) return ExitCode.interrupted
  const [only] = answers
  if (only && answers.length === 1)
    return only.ok ? ((only.value as Partial<Exit>).code ?? ExitCode.done) : exitCodeOf(only.error)
  const failures = answers.filter(failed).length
  if (failures === 0) return ExitCode.done
  return failures < answers.length ? ExitCode.partial : ExitCode.failed
}
