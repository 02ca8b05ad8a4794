import pRetry from 'p-retry'
import { BeltError } from '../../errors.ts'
import type { Clock } from '../clock.ts'
import { readAnswer } from './answer.ts'
import { ApiError, networkError, timeoutError } from './api-error.ts'
import type { RequestBudget } from './budget.ts'
import type { ApiRequest } from './do-wrapper.ts'

const TIMEOUT_MS = 30_000

const ATTEMPTS = 10
/** What cannot be reached at all is seldom there a minute later. */
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
 * Carries requests to the API, each with a deadline and within the budget. What may be done twice is tried again
 * after a fault; a POST only when it is sure that the first one did nothing.
 */
export class Transport {
  readonly #options: TransportOptions

  constructor(options: TransportOptions) {
    this.#options = options
  }

  /**
   * @param signal ends waiting and reading; a request that changes something is let through to its answer
   * @throws ApiError; the signal's reason when it is aborted
   */
  async request(request: ApiRequest, signal?: AbortSignal): Promise<unknown> {
    if (request.includeAll) {
      throw new BeltError(
        'all-pages-at-once',
        `all pages of ${request.actionPath} at once are too many requests`,
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
      return readAnswer(response, body)
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
  if (error.fate === 'unsent') return attempt < ATTEMPTS_UNSENT
  if (error.fate === 'lost') return method !== 'POST'
  return error.status === 429
}

/** What a 429 asks for is the budget's to wait for; the pauses grow, and differ so that clients do not march in step. */
function pauseMs(error: unknown, attempt: number): number {
  if (error instanceof ApiError && error.retryAfterMs !== undefined) return 0
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)) * (0.75 + Math.random() / 2)
}
