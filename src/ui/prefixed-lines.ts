import { Writable } from 'node:stream'
import { drained } from './output.ts'

const NEWLINE = 0x0a
const END_OF_LINE = Buffer.of(NEWLINE)

/** In bytes. Longer lines are broken: a host that never ends one would else fill the memory. */
const LONGEST_LINE = 64 * 1024

/**
 * A writable that passes whole lines on, each led by `prefix`, so that the lines of many hosts never mix. Bytes
 * inside a line are left as they are. A last line without a newline gets one at the end, and a line of more than 64 KiB
 * after each of them.
 */
export function prefixedLines(prefix: string, target: NodeJS.WritableStream): Writable {
  const lead = Buffer.from(prefix)
  /** Where the beginning of a line waits for its end. */
  let room: Buffer | undefined
  let begun = 0

  function beginning(): Buffer[] {
    const bytes = room && begun > 0 ? [room.subarray(0, begun)] : []
    begun = 0
    return bytes
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
        parts.push(lead, ...beginning(), rest.subarray(0, length))
        if (rest[length - 1] !== NEWLINE) parts.push(END_OF_LINE)
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
      pass(Buffer.concat(last.length === 0 ? [] : [lead, ...last, END_OF_LINE]), done)
    },
  })
}

/** How many of the bytes are the next line, or as much of it as is not broken; 0 when its end has not come yet. */
function lineIn(bytes: Buffer, longest: number): number {
  const newline = bytes.subarray(0, longest).indexOf(NEWLINE)
  if (newline !== -1) return newline + 1
  return bytes.length >= longest ? longest : 0
}
