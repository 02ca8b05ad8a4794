import { Chalk, type ChalkInstance } from 'chalk'

/** Colours for what is written to a stream: none where it is no terminal, or `NO_COLOR`, `CI` or `TERM=dumb` is set. */
export function colorsFor(stream: { isTTY?: boolean }): ChalkInstance {
  const { NO_COLOR, CI, TERM } = process.env
  return stream.isTTY && !NO_COLOR && !CI && TERM !== 'dumb' ? new Chalk() : new Chalk({ level: 0 })
}
