import type { Writable } from 'node:stream'

const waits = new WeakMap<NodeJS.WritableStream, Promise<void>>()

/** Resolves when the stream can take more. All callers share one listener. */
export function drained(stream: NodeJS.WritableStream): Promise<void> {
  const known = waits.get(stream)
  if (known) return known
  const wait = new Promise<void>(resolve => {
    stream.once('drain', () => {
      waits.delete(stream)
      resolve()
    })
  })
  waits.set(stream, wait)
  return wait
}

/** Writes, and waits until the stream can take more. */
export async function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  if (!stream.write(text)) await drained(stream)
}

/** Resolves when the reader has taken everything that was written, or when the stream has failed. */
export function flushed(stream: Writable): Promise<void> {
  // An empty write fails on a full device, and the failure of an earlier write is reported only in the next round.
  if (stream.writableLength === 0) return new Promise(resolve => setImmediate(resolve))
  return new Promise(resolve => stream.write('', () => resolve()))
}
