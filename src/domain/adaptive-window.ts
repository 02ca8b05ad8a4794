/** How many rounds must go well until one more goes at once: each overload costs as many time-outs as go at once. */
const ROUNDS_TO_GROW = 4

/**
 * How many go at once, so that whom they load bears it: halved at a sign of strain, and slowly grown while all goes
 * well. A sign from what began before the last halving tells nothing new: many at once, all late for the
 * same reason, halve it once.
 */
export class AdaptiveWindow {
  readonly #most: number
  #size: number
  #begun = 0
  #judgedFrom = 0

  /** @param most how large it is at the start, and at most */
  constructor(most: number) {
    this.#most = most
    this.#size = most
  }

  get size(): number {
    return Math.floor(this.#size)
  }

  /** Something begins. @returns its number, for what is told of it later */
  begin(): number {
    this.#begun += 1
    return this.#begun
  }

  /** What has this number went well. */
  grow(number: number): void {
    if (number < this.#judgedFrom) return
    this.#size = Math.min(this.#most, this.#size + 1 / (ROUNDS_TO_GROW * this.#size))
  }

  /** What has this number met with strain. @returns whether the window is smaller now */
  shrink(number: number): boolean {
    if (number < this.#judgedFrom) return false
    this.#judgedFrom = this.#begun + 1
    this.#size = Math.max(1, this.#size / 2)
    return true
  }
}
