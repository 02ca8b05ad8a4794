const waits = new WeakMap<NodeJS.WritableStream, Promise<void>>()

/** Resolves when the stream takes more. However many wait for it, it is listened to once. */
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

/** Writes, and waits until the stream takes more. */
export async function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  if (!stream.write(text)) await drained(stream)
}

/** Resolves when all that was written has been taken, however slow the reader is, or when the stream broke. */
export function flushed(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise(resolve => stream.write('', () => resolve()))
}
