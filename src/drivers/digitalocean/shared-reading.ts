/** A value that is polled; everyone who waits for the next value shares one read. */
export class SharedReading<T> {
  readonly #pause: () => Promise<void>
  readonly #read: () => Promise<T>
  #next: Promise<T> | undefined

  /** @param pause waits before each read */
  constructor(pause: () => Promise<void>, read: () => Promise<T>) {
    this.#pause = pause
    this.#read = read
  }

  /** The result of the next read, which starts after this call. */
  next(): Promise<T> {
    this.#next ??= this.#readNext()
    return this.#next
  }

  async #readNext(): Promise<T> {
    try {
      await this.#pause()
    } finally {
      this.#next = undefined
    }
    return await this.#read()
  }
}
