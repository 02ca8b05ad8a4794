import { BeltError, ExitCode } from '../errors.ts'

/** The exit code that an error leads to; what the parser of the command line refuses is a mistake of usage. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof BeltError) return error.exitCode
  return isParserError(error) ? (error.oclif.exit ?? ExitCode.usage) : ExitCode.failed
}

function isParserError(error: unknown): error is Error & { oclif: { exit?: number } } {
  return error instanceof Error && 'oclif' in error
}
