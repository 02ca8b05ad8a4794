import pLimit from 'p-limit'
import type { Clock } from '../clock.ts'

const WINDOW_MS = 60_000

/** DigitalOcean allows 250 requests in any minute with one token; the rest is for whoever else uses it. */
const PER_WINDOW = 240

/** The longest that is waited on the strength of a header before the API is asked again. */
const LONGEST_PAUSE_MS = 60_000

/**
 * Keeps the requests of one token under the API's limits. A request counts until a minute after its answer came, so
 * that the API, which counts from when the request came in, never sees more in a minute than this does.
 */
export class RequestBudget {
  readonly #clock: Clock
  readonly #turn = pLimit(1)
  #inFlight = 0
  /** When the last answers came, the oldest first. */
  readonly #answered: number[] = []
  #pausedUntil = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Waits for leave to send one request; `settle` is called when its answer came, or is given up.
   * @throws the signal's reason when it is aborted meanwhile
   */
  take(signal?: AbortSignal): Promise<void> {
    return this.#turn(async () => {
      signal?.throwIfAborted()
      for (let ms = this.#waitMs(); ms > 0; ms = this.#waitMs()) await this.#clock.sleep(ms, signal)
      this.#inFlight += 1
    })
  }

  complete(): void {
    this.#inFlight -= 1
    this.#answered.push(this.#clock.now())
  }

  /** Heeds what an answer tells of the requests that are left, of this hour as well. */
  learn(headers: Headers): void {
    const remaining = Number(headers.get('ratelimit-remaining') ?? Number.NaN)
    const resetMs = Number(headers.get('ratelimit-reset') ?? Number.NaN) * 1000
    if (remaining <= this.#inFlight && Number.isFinite(resetMs)) this.pause(resetMs - this.#clock.now())
  }

  /** Lets nobody send for a while, because the API said so. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + Math.min(ms, LONGEST_PAUSE_MS))
  }

  #waitMs(): number {
    const now = this.#clock.now()
    while ((this.#answered[0] ?? now) <= now - WINDOW_MS) this.#answered.shift()
    const pauseMs = this.#pausedUntil - now
    if (pauseMs > 0) return pauseMs
    if (this.#inFlight + this.#answered.length < PER_WINDOW) return 0
    return Math.max(10, (this.#answered[0] ?? now) + WINDOW_MS - now)
  }
}

const budgets = new Map<string, RequestBudget>()

/** The one budget that all requests of this process with one token share. */
export function budgetOf(token: string, baseUrl: string, clock: Clock): RequestBudget {
  const key = `${baseUrl} ${token}`
  const budget = budgets.get(key) ?? new RequestBudget(clock)
  budgets.set(key, budget)
  return budget
}
