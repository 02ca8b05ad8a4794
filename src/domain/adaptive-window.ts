/** How many successful rounds it takes to grow by one. Slow, because an overload makes everything in the window time out. */
const ROUNDS_TO_GROW = 4

/**
 * Limits how many operations run at once to what their target can handle. Halves on overload, and grows slowly on success.
 * Overload of operations that started before the last halving is ignored, because they probably failed for the same reason.
 */
export class AdaptiveWindow {
  readonly #most: number
  #size: number
  #begun = 0
  #judgedFrom = 0

  /** @param most the initial and maximum size */
  constructor(most: number) {
    this.#most = most
    this.#size = most
  }

  get size(): number {
    return Math.floor(this.#size)
  }

  /** Starts an operation. @returns its number, for `grow` and `shrink` */
  begin(): number {
    this.#begun += 1
    return this.#begun
  }

  /** Reports that an operation succeeded. */
  grow(number: number): void {
    if (number < this.#judgedFrom) return
    this.#size = Math.min(this.#most, this.#size + 1 / (ROUNDS_TO_GROW * this.#size))
  }

  /** Reports that an operation met overload. @returns whether the window has shrunk */
  shrink(number: number): boolean {
    if (number < this.#judgedFrom) return false
    this.#judgedFrom = this.#begun + 1
    this.#size = Math.max(1, this.#size / 2)
    return true
  }
}
