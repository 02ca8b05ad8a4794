/** Reads the strings of SSH's binary formats (RFC 4251, section 5). Throws a RangeError beyond the end. */
export class WireReader {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  uint32(): number {
    this.#at += 4
    return this.#bytes.readUInt32BE(this.#at - 4)
  }

  string(): Buffer {
    const length = this.uint32()
    const end = this.#at + length
    if (end > this.#bytes.length) throw new RangeError('the data ends within a string')
    this.#at = end
    return this.#bytes.subarray(end - length, end)
  }

  text(): string {
    return this.string().toString('latin1')
  }
}
