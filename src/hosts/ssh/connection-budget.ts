/** Up to this many connections, the limit is not looked up. */
const FEW = 32

interface Closable {
  close(): void
}

/**
 * Limits the number of open connections by closing those that have been idle longest. They are reopened when needed
 * (docs/decisions/connections.md).
 */
export class ConnectionBudget {
  readonly #findLimit: () => number
  #limit: number | undefined
  /** Ordered from the longest idle. */
  readonly #idle = new Set<Closable>()
  #busy = 0

  /** @param findLimit called once, and only if more than a few connections are open */
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
