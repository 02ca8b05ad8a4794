/** Exit codes of the command line; documented in the README, relied upon by scripts. */
export const ExitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Nothing failed, but what was compared differs. */
  differs: 2,
  precheck: 3,
  partial: 4,
  quorum: 5,
  locked: 6,
  interrupted: 130,
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

export interface BeltErrorOptions {
  /** What to try next: a sentence or a command ready to paste. */
  hint?: string
  /** How the process ends because of this error; 1 unless told. */
  exitCode?: ExitCode
  cause?: unknown
  /** The host, by name, that the error is about. */
  host?: string
  /** Facts for `--json`, never secrets. */
  details?: Record<string, unknown>
}

/**
 * An expected failure: it is shown as a message and a hint, never as a stack. `code` is a stable word for
 * scripts (`host-unreachable`, `bad-pattern`); the message may change, the code may not.
 */
export class BeltError extends Error {
  override readonly name = 'BeltError'
  readonly code: string
  readonly hint: string | undefined
  readonly exitCode: ExitCode
  readonly host: string | undefined
  readonly details: Record<string, unknown> | undefined

  constructor(code: string, message: string, options: BeltErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.exitCode = options.exitCode ?? ExitCode.failed
    this.host = options.host
    this.details = options.details
  }
}

/** A mistake in what the user typed or wrote: exit code 2, nothing was done. */
export function usageError(code: string, message: string, options: BeltErrorOptions = {}): BeltError {
  return new BeltError(code, message, { exitCode: ExitCode.usage, ...options })
}

/** A check before the start failed: exit code 3, nothing was changed. */
export function precheckError(code: string, message: string, options: BeltErrorOptions = {}): BeltError {
  return new BeltError(code, message, { exitCode: ExitCode.precheck, ...options })
}

/** The same failure, told with other words: what is given takes the place of what it had, all else stays. */
export function amended(cause: BeltError, message: string, change: BeltErrorOptions = {}): BeltError {
  const { code, hint, exitCode, host, details } = cause
  return new BeltError(code, message, {
    ...(hint !== undefined && { hint }),
    ...(host !== undefined && { host }),
    ...(details && { details }),
    exitCode,
    cause,
    ...change,
  })
}

/**
 * How the process ends by a failure that came after something had been changed: a check that failed then is none before
 * the start, and exit code 3 would deny the change.
 */
export function exitCodeAfterChange(
  { exitCode }: BeltError,
  insteadOfPrecheck: ExitCode = ExitCode.failed,
): ExitCode {
  return exitCode === ExitCode.precheck ? insteadOfPrecheck : exitCode
}

/** The one-line reason of anything thrown, for messages that quote a cause. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  if (error instanceof Error) return error.message || error.name
  return String(error)
}
