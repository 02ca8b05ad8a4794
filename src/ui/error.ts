import { shownMessage } from '../domain/shown.ts'
import { BeltError, reasonOf } from '../errors.ts'
import { colorsFor } from './color.ts'

/**
 * Renders a failure: what happened, then what to try next. Only unexpected errors show a stack trace; errors from the
 * command-line parser (oclif) are expected.
 */
export function renderError(
  error: unknown,
  options: {
    debug?: boolean
    stream?: { isTTY?: boolean }
    /** The environment of the process that owns the stream (default: this process). */
    environment?: Readonly<Record<string, string | undefined>>
    log?: string | undefined
  } = {},
): string {
  const chalk = colorsFor(options.stream ?? {}, options.environment)
  const lines = [`${chalk.red('belt:')} ${shownMessage(reasonOf(error))}`]
  if (error instanceof BeltError) {
    if (error.hint) lines.push(chalk.dim(`  ${shownMessage(error.hint)}`))
    if (options.debug && error.stack) lines.push(shownMessage(error.stack))
  } else if (error instanceof Error && error.stack && !('oclif' in error && !options.debug)) {
    lines.push(shownMessage(error.stack))
  }
  if (options.log) lines.push(chalk.dim(shownMessage(`  log: ${options.log}`)))
  return `${lines.join('\n')}\n`
}

/** A failure as `--json` prints it, under the key `error`. */
export function errorAsJson(error: unknown, log?: string): { error: Record<string, unknown> } {
  if (!(error instanceof BeltError)) {
    return { error: { code: 'unexpected', message: reasonOf(error), ...(log && { log }) } }
  }
  const { code, message, hint, host, details } = error
  return {
    error: {
      code,
      message,
      ...(hint && { hint }),
      ...(host && { host }),
      ...(details && { details }),
      ...(log && { log }),
    },
  }
}
