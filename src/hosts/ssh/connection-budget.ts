/** So many are open before it matters how many may be. */
const FEW = 32

interface Closable {
  close(): void
}

/**
 * Keeps the number of open connections within what the process may hold: before one more is used, those are closed
 * that were idle for the longest time. They are opened again when they are needed.
 */
export class ConnectionBudget {
  readonly #findLimit: () => number
  #limit: number | undefined
  /** In the order they fell idle. */
  readonly #idle = new Set<Closable>()
  #busy = 0

  /** @param findLimit asked once, when more than a few are open */
  constructor(findLimit: () => number) {
    this.#findLimit = findLimit
  }

  use(host: Closable): void {
    this.#idle.delete(host)
    this.#busy++
    for (const idle of this.#idle) {
      if (this.#isWithin()) return
      this.#idle.delete(idle)
      idle.close()
    }
  }

  release(host: Closable): void {
    this.#busy--
    this.#idle.add(host)
  }

  #isWithin(): boolean {
    const open = this.#busy + this.#idle.size
    if (open <= FEW) return true
    this.#limit ??= this.#findLimit()
    return open <= this.#limit
  }
}
