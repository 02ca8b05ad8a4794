import { BeltError, ExitCode } from '../errors.ts'

/** The exit code for an error. Errors from the command-line parser are usage errors. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof BeltError) return error.exitCode
  return isParserError(error) ? (error.oclif.exit ?? ExitCode.usage) : ExitCode.failed
}

function isParserError(error: unknown): error is Error & { oclif: { exit?: number } } {
  return error instanceof Error && 'oclif' in error
}
