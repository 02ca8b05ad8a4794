/** So many requests in any span of time, as the vendor counts them. */
export class RateLimit {
  readonly #times: number[] = []
  readonly #limit: number
  readonly #spanMs: number

  constructor(limit: number, spanMs: number) {
    this.#limit = limit
    this.#spanMs = spanMs
  }

  /** @returns how long to wait, when there were too many already */
  take(now: number): number | undefined {
    while (this.#times.length > 0 && (this.#times[0] ?? 0) <= now - this.#spanMs) this.#times.shift()
    if (this.#times.length >= this.#limit) return (this.#times[0] ?? now) + this.#spanMs - now
    this.#times.push(now)
    return undefined
  }

  get remaining(): number {
    return this.#limit - this.#times.length
  }

  /** When the oldest request counts no more. */
  resetAt(now: number): number {
    return (this.#times[0] ?? now) + this.#spanMs
  }
}
