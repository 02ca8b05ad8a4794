import { Chalk, type ChalkInstance } from 'chalk'

/**
 * The colors for a stream: none if it is not a terminal, or if `NO_COLOR`, `CI` or `TERM=dumb` is set.
 * @param environment the environment of the process that owns the stream (default: this process)
 */
export function colorsFor(
  stream: { isTTY?: boolean },
  environment?: Readonly<Record<string, string | undefined>>,
): ChalkInstance {
  const { NO_COLOR, CI, TERM } = environment ?? process.env
  if (!stream.isTTY || NO_COLOR || CI || TERM === 'dumb') return new Chalk({ level: 0 })
  return environment ? new Chalk({ level: 1 }) : new Chalk()
}
