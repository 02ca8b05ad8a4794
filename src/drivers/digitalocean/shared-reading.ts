/** Something that is read again and again, once for all who wait for what it shows next. */
export class SharedReading<T> {
  readonly #pause: () => Promise<void>
  readonly #read: () => Promise<T>
  #next: Promise<T> | undefined

  /** @param pause what is waited before each reading */
  constructor(pause: () => Promise<void>, read: () => Promise<T>) {
    this.#pause = pause
    this.#read = read
  }

  /** What the next reading shows, which begins after this is called. */
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
