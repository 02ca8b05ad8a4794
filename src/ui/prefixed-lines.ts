import { Writable } from 'node:stream'
import { shownOutput } from '../domain/shown.ts'
import { drained } from './output.ts'

const NEWLINE = 0x0a
const END_OF_LINE = Buffer.of(NEWLINE)

/** In bytes. Longer lines are broken, because a line that never ends would fill the memory. */
const LONGEST_LINE = 64 * 1024

/**
 * A writable that passes on whole lines, each with `prefix`, so that the lines of many hosts never mix. The bytes of a line
 * are unchanged, unless the target is a terminal, which gets no control characters but colors. A newline is added to a last
 * line without one, and after each 64 KiB of a longer line.
 */
export function prefixedLines(
  prefix: string,
  target: NodeJS.WritableStream & { readonly isTTY?: boolean },
): Writable {
  const lead = Buffer.from(prefix)
  /** Holds the start of a line until its end arrives. */
  let room: Buffer | undefined
  let begun = 0

  function beginning(): Buffer[] {
    const bytes = room && begun > 0 ? [room.subarray(0, begun)] : []
    begun = 0
    return bytes
  }

  function shown(line: Buffer[]): Buffer[] {
    return target.isTTY ? [Buffer.from(shownOutput(Buffer.concat(line).toString()))] : line
  }

  function pass(lines: Buffer, done: () => void): void {
    if (lines.length === 0 || target.write(lines)) done()
    else void drained(target).then(done)
  }

  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const parts: Buffer[] = []
      let rest = chunk
      for (let length = lineIn(rest, LONGEST_LINE - begun); length > 0; length = lineIn(rest, LONGEST_LINE)) {
        const end = rest[length - 1] === NEWLINE ? length - 1 : length
        parts.push(lead, ...shown([...beginning(), rest.subarray(0, end)]), END_OF_LINE)
        rest = rest.subarray(length)
      }
      const lines = Buffer.concat(parts)
      if (rest.length > 0) {
        room ??= Buffer.allocUnsafe(LONGEST_LINE)
        begun += rest.copy(room, begun)
      }
      pass(lines, done)
    },
    final(done) {
      const last = beginning()
      pass(Buffer.concat(last.length === 0 ? [] : [lead, ...shown(last), END_OF_LINE]), done)
    },
  })
}

/** The length of the next line, at most `longest`; 0 if its end has not arrived yet. */
function lineIn(bytes: Buffer, longest: number): number {
  const newline = bytes.subarray(0, longest).indexOf(NEWLINE)
  if (newline !== -1) return newline + 1
  return bytes.length >= longest ? longest : 0
}
