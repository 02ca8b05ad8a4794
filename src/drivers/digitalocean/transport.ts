import pRetry from 'p-retry'
import type { Clock } from '../../clock.ts'
import { BeltError } from '../../errors.ts'
import { parseResponse } from './answer.ts'
import { ApiError, networkError, timeoutError } from './api-error.ts'
import type { RequestBudget } from './budget.ts'
import type { ApiRequest } from './do-wrapper.ts'

const TIMEOUT_MS = 30_000

const ATTEMPTS = 10
/** If the API cannot be reached at all, it rarely comes back within a minute. */
const ATTEMPTS_UNSENT = 4
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 15_000

export interface TransportOptions {
  /** Without a slash at the end and without `/v2`. */
  readonly baseUrl: string
  readonly token: string
  readonly budget: RequestBudget
  readonly clock: Clock
}

/**
 * Sends requests to the API, each with a deadline and within the budget. Retries idempotent requests after an error, and a
 * POST only if the first attempt certainly had no effect.
 */
export class Transport {
  readonly #options: TransportOptions

  constructor(options: TransportOptions) {
    this.#options = options
  }

  /**
   * @param signal aborts waits and reads; a request that changes something is allowed to finish
   * @throws ApiError; the signal's reason if it is aborted
   */
  async request(request: ApiRequest, signal?: AbortSignal): Promise<unknown> {
    if (request.includeAll) {
      throw new BeltError(
        'all-pages-at-once',
        `requesting all pages of ${request.actionPath} at once is not supported`,
      )
    }
    return await pRetry(() => this.#send(request, signal), {
      retries: ATTEMPTS - 1,
      minTimeout: 0,
      shouldRetry: async ({ error, attemptNumber }) => {
        if (!isWorthAnother(error, attemptNumber, request.method)) return false
        await this.#options.clock.sleep(pauseMs(error, attemptNumber), signal)
        return true
      },
    })
  }

  async #send(request: ApiRequest, signal: AbortSignal | undefined): Promise<unknown> {
    const { budget } = this.#options
    await budget.take(signal)
    let response: Response
    let body: string
    try {
      response = await this.#fetch(request, signal)
      body = await response.text()
    } catch (error) {
      throw this.#explain(error, request, signal)
    } finally {
      budget.complete()
    }
    budget.learn(response.headers)
    try {
      return parseResponse(response, body)
    } catch (error) {
      if (error instanceof ApiError && error.retryAfterMs !== undefined) budget.pause(error.retryAfterMs)
      throw error
    }
  }

  #fetch({ actionPath, method = 'GET', qs = {}, body }: ApiRequest, signal: AbortSignal | undefined) {
    const { baseUrl, token, clock } = this.#options
    const url = new URL(`${baseUrl}/v2/${actionPath.replace(/\/$/, '')}`)
    for (const [key, value] of Object.entries(qs)) url.searchParams.set(key, String(value))
    const deadline = clock.deadline(TIMEOUT_MS)
    return fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: method === 'GET' && signal ? AbortSignal.any([deadline, signal]) : deadline,
    })
  }

  #explain(error: unknown, { method = 'GET' }: ApiRequest, signal: AbortSignal | undefined): unknown {
    if (method === 'GET' && signal?.aborted) return signal.reason
    const isTimeout = error instanceof DOMException && error.name === 'TimeoutError'
    return isTimeout
      ? timeoutError(this.#options.baseUrl, TIMEOUT_MS)
      : networkError(error, this.#options.baseUrl)
  }
}

function isWorthAnother(error: unknown, attempt: number, method = 'GET'): boolean {
  if (!(error instanceof ApiError)) return false
  if (error.outcome === 'unsent') return attempt < ATTEMPTS_UNSENT
  if (error.outcome === 'lost') return method !== 'POST'
  return error.status === 429
}

/** The budget handles the wait after a 429. Other pauses grow, with jitter to keep clients from retrying in step. */
function pauseMs(error: unknown, attempt: number): number {
  if (error instanceof ApiError && error.retryAfterMs !== undefined) return 0
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)) * (0.75 + Math.random() / 2)
}
