import { Chalk, type ChalkInstance } from 'chalk'

/**
 * Colours for what is written to a stream: none where it is no terminal, or `NO_COLOR`, `CI` or `TERM=dumb` is set.
 * @param environment of the process whose stream it is, where that is another one
 */
export function colorsFor(
  stream: { isTTY?: boolean },
  environment?: Readonly<Record<string, string | undefined>>,
): ChalkInstance {
  const { NO_COLOR, CI, TERM } = environment ?? process.env
  if (!stream.isTTY || NO_COLOR || CI || TERM === 'dumb') return new Chalk({ level: 0 })
  return environment ? new Chalk({ level: 1 }) : new Chalk()
}
