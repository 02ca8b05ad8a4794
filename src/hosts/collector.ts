import { Writable } from 'node:stream'

/** Keeps the first bytes of an output and drops the rest. */
export class Collector extends Writable {
  readonly #maxBytes: number
  readonly #chunks: Buffer[] = []
  #bytes = 0
  truncated = false

  constructor(maxBytes: number) {
    super()
    this.#maxBytes = maxBytes
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    const kept = chunk.subarray(0, this.#maxBytes - this.#bytes)
    // An empty subarray would keep the whole chunk in memory.
    if (kept.length > 0) this.#chunks.push(kept)
    this.#bytes += kept.length
    this.truncated ||= kept.length < chunk.length
    callback()
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }
}
