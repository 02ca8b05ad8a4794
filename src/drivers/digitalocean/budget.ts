import pLimit from 'p-limit'
import type { Clock } from '../../clock.ts'

const WINDOW_MS = 60_000

/** DigitalOcean allows 250 requests per minute and token; the rest is left for other users of the token. */
const PER_WINDOW = 240

/** The longest wait because of a header before the API is tried again. */
const LONGEST_PAUSE_MS = 60_000

/**
 * Keeps the requests of one token within the API's limits. A request counts until a minute after its answer. The API
 * counts from the arrival of a request, so it never sees more requests in a minute than this class does.
 */
export class RequestBudget {
  readonly #clock: Clock
  readonly #turn = pLimit(1)
  #inFlight = 0
  /** The times of recent answers, oldest first. */
  readonly #answered: number[] = []
  #pausedUntil = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Waits until one request may be sent. Call `complete` when it has been answered or given up.
   * @throws the signal's reason if it is aborted
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

  /** Reads the remaining requests, including those of the hour, from an answer. */
  learn(headers: Headers): void {
    const remaining = Number(headers.get('ratelimit-remaining') ?? Number.NaN)
    const resetMs = Number(headers.get('ratelimit-reset') ?? Number.NaN) * 1000
    if (remaining <= this.#inFlight && Number.isFinite(resetMs)) this.pause(resetMs - this.#clock.now())
  }

  /** Pauses all requests, as told by the API. */
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

/** The budget shared by all requests of this process with one token. */
export function requestBudgetOf(token: string, baseUrl: string, clock: Clock): RequestBudget {
  const key = `${baseUrl} ${token}`
  const budget = budgets.get(key) ?? new RequestBudget(clock)
  budgets.set(key, budget)
  return budget
}
