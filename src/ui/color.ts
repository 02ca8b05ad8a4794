import { Chalk, type ChalkInstance } from 'chalk'

/**
 * The colors for a stream: none if it is not a terminal, or if `NO_COLOR`, `CI` or `TERM=dumb` is set. `FORCE_COLOR`
 * turns them on for any stream, such as the log of a CI system that shows colors, unless `NO_COLOR` is set.
 * @param environment the environment of the process that owns the stream (default: this process)
 */
export function colorsFor(
  stream: { isTTY?: boolean },
  environment?: Readonly<Record<string, string | undefined>>,
): ChalkInstance {
  const { NO_COLOR, CI, TERM, FORCE_COLOR } = environment ?? process.env
  const isForced = !NO_COLOR && FORCE_COLOR !== undefined && !['', '0', 'false'].includes(FORCE_COLOR)
  if (isForced) return new Chalk({ level: 1 })
  if (!stream.isTTY || NO_COLOR || CI || TERM === 'dumb') return new Chalk({ level: 0 })
  return environment ? new Chalk({ level: 1 }) : new Chalk()
}
