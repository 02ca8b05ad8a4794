import { Readable, Writable } from 'node:stream'

/**
 * How many bytes of one stream may be sent before the receiver grants more, so that a host with unread output delays only
 * itself.
 */
export const WINDOW_BYTES = 256 * 1024
const CHUNK_BYTES = 64 * 1024

/** The sending end of a stream: writes wait until the receiver grants more. */
export class Outlet extends Writable {
  readonly #send: (chunk: Buffer) => void
  readonly #end: () => void
  #credit = WINDOW_BYTES
  #waiting: { rest: Buffer; callback: () => void } | undefined

  /** @param end tells the receiver that the stream has ended */
  constructor(send: (chunk: Buffer) => void, end: () => void = () => {}) {
    super()
    this.#send = send
    this.#end = end
  }

  grant(bytes: number): void {
    this.#credit += bytes
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) this.#sendWhatMay(waiting.rest, waiting.callback)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.#sendWhatMay(chunk, callback)
  }

  override _final(callback: () => void): void {
    this.#end()
    callback()
  }

  #sendWhatMay(chunk: Buffer, callback: () => void): void {
    let rest = chunk
    while (rest.length > 0 && this.#credit > 0) {
      const part = rest.subarray(0, Math.min(this.#credit, CHUNK_BYTES))
      this.#credit -= part.length
      this.#send(part)
      rest = rest.subarray(part.length)
    }
    if (rest.length === 0) callback()
    else this.#waiting = { rest, callback }
  }
}

/** The receiving end of a stream: grants more as its bytes are read. */
export class Inlet extends Readable {
  readonly #grant: (bytes: number) => void
  #taken = 0

  constructor(grant: (bytes: number) => void) {
    super({ highWaterMark: CHUNK_BYTES })
    this.#grant = grant
  }

  receive(chunk: Buffer): void {
    this.#taken += chunk.length
    this.push(chunk)
  }

  end(): void {
    this.push(null)
  }

  override _read(): void {
    const taken = this.#taken
    this.#taken = 0
    if (taken > 0) this.#grant(taken)
  }
}
