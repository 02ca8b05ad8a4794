import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { drained, flushed, write } from '../../src/ui/output.ts'

/** Takes what is written when the test allows it. */
class SlowReader extends Writable {
  taken = ''
  #take: (() => void) | undefined

  constructor() {
    super({ highWaterMark: 1 })
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.#take = () => {
      this.taken += chunk.toString()
      callback()
    }
  }

  take(): void {
    this.#take?.()
  }
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol()
  return (await Promise.race([promise, new Promise(resolve => setImmediate(resolve, pending))])) !== pending
}

describe('output to a slow reader', () => {
  it('is flushed when the last of it was taken', async () => {
    const reader = new SlowReader()
    reader.write('one ')
    reader.write('two')
    const flushing = flushed(reader)
    reader.take()
    await new Promise(setImmediate)
    expect(await isSettled(flushing)).toBe(false)
    reader.take()
    await new Promise(setImmediate)
    reader.take()
    await flushing
    expect(reader.taken).toBe('one two')
  })

  it('is not waited for when the reader has gone', async () => {
    const broken = new Writable({
      write: (_chunk, _encoding, done) => setImmediate(done, new Error('EPIPE')),
    })
    broken.on('error', () => {})
    broken.write('one')
    await flushed(broken)
    await flushed(broken)
  })

  it('is written when there is room for more', async () => {
    const reader = new SlowReader()
    const writing = write(reader, 'one')
    expect(await isSettled(writing)).toBe(false)
    reader.take()
    await writing
  })

  it('is waited for each time that there is no room', async () => {
    const reader = new SlowReader()
    for (const text of ['one', 'two']) {
      reader.write(text)
      const waits = [drained(reader), drained(reader)]
      expect(reader.listenerCount('drain')).toBe(1)
      reader.take()
      await Promise.all(waits)
    }
    expect(reader.taken).toBe('onetwo')
  })
})
