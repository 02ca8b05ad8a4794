import { Writable } from 'node:stream'

const NEWLINE = 0x0a

/**
 * A writable that passes whole lines on, each led by `prefix`, so that the lines of many hosts never mix. Bytes
 * inside a line are left as they are. A last line without a newline gets one at the end.
 */
export function prefixedLines(prefix: string, target: NodeJS.WritableStream): Writable {
  const lead = Buffer.from(prefix)
  let rest = Buffer.alloc(0)

  function write(lines: Buffer[], done: (error?: Error | null) => void): void {
    if (lines.length === 0 || target.write(Buffer.concat(lines.flatMap(line => [lead, line])))) done()
    else target.once('drain', done)
  }

  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const lines: Buffer[] = []
      let start = 0
      for (let end = data.indexOf(NEWLINE); end !== -1; end = data.indexOf(NEWLINE, start)) {
        lines.push(data.subarray(start, end + 1))
        start = end + 1
      }
      rest = Buffer.from(data.subarray(start))
      write(lines, done)
    },
    final(done) {
      write(rest.length === 0 ? [] : [Buffer.concat([rest, Buffer.of(NEWLINE)])], done)
    },
  })
}
