/** Exit codes of the command line. They are documented, and scripts rely on them. */
export const ExitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  precheck: 3,
  partial: 4,
  quorum: 5,
  locked: 6,
  /** Nothing failed, but a comparison found differences. */
  differs: 7,
  interrupted: 130,
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

export interface BeltErrorOptions {
  /** What to do next: a sentence, or a command ready to paste. */
  hint?: string
  /** The exit code of the process (default: 1). */
  exitCode?: ExitCode
  cause?: unknown
  /** The name of the host that the error is about. */
  host?: string
  /** Facts for `--json`, never secrets. */
  details?: Record<string, unknown>
}

/**
 * An expected failure, shown as a message and a hint, never as a stack trace. `code` is stable and meant for scripts
 * (`host-unreachable`, `bad-pattern`); messages may change.
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

/** A mistake in the arguments or the config: exit code 2, nothing was done. */
export function usageError(code: string, message: string, options: BeltErrorOptions = {}): BeltError {
  return new BeltError(code, message, { exitCode: ExitCode.usage, ...options })
}

/** A failed check before the start: exit code 3, nothing was changed. */
export function precheckError(code: string, message: string, options: BeltErrorOptions = {}): BeltError {
  return new BeltError(code, message, { exitCode: ExitCode.precheck, ...options })
}

/** The same failure with another message; `change` overrides some of its other fields. */
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
 * The exit code for a failure after something was changed. It is never 3, which promises that nothing was changed.
 */
export function exitCodeAfterChange(
  { exitCode }: BeltError,
  insteadOfPrecheck: ExitCode = ExitCode.failed,
): ExitCode {
  return exitCode === ExitCode.precheck ? insteadOfPrecheck : exitCode
}

/** The messages with which the kernel refuses; a swarm's own refusals go on after these words. */
const REFUSED_BY_KERNEL = /: (Permission denied|Operation not permitted)$/m

/** Whether somebody lacks rights: no waiting changes that, and it says nothing about what is there. */
export function isDenied(error: unknown): boolean {
  if (!(error instanceof BeltError)) return false
  if (['root-denied', 'engine-denied', 'permission-denied'].includes(error.code)) return true
  return error.code === 'remote-command-failed' && REFUSED_BY_KERNEL.test(error.message)
}

/** A one-line reason for anything thrown, for messages that quote a cause. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  if (error instanceof Error) return error.message || error.name
  return String(error)
}
