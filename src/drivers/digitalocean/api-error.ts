import { BeltError, type BeltErrorOptions, ExitCode } from '../../errors.ts'

/**
 * What is known about a failed request: the API refused it, it never reached the API, or its effect is unknown because
 * the answer was lost or was a server error.
 */
export type RequestOutcome = 'refused' | 'unsent' | 'lost'

export interface ApiErrorOptions extends BeltErrorOptions {
  outcome: RequestOutcome
  /** The HTTP status, if there was an answer. */
  status?: number
  /** The API's error id, such as `unprocessable_entity`. */
  id?: string
  /** The request id, for DigitalOcean's support. */
  requestId?: string | undefined
  /** How long to wait before the next request, as told by the API. */
  retryAfterMs?: number | undefined
  /** The regions that offer what was requested, if the API lists them. */
  availableRegions?: readonly string[]
}

/** The API refused a request, failed or did not answer. */
export class ApiError extends BeltError {
  readonly outcome: RequestOutcome
  readonly status: number | undefined
  readonly id: string | undefined
  readonly requestId: string | undefined
  readonly retryAfterMs: number | undefined
  readonly availableRegions: readonly string[]

  constructor(code: string, message: string, options: ApiErrorOptions) {
    const { outcome, status, id, requestId } = options
    super(code, message, {
      ...options,
      details: { ...options.details, fate: outcome, status, id, requestId },
    })
    this.outcome = outcome
    this.status = status
    this.id = id
    this.requestId = requestId
    this.retryAfterMs = options.retryAfterMs
    this.availableRegions = options.availableRegions ?? []
  }
}

export function isStatus(error: unknown, status: number): error is ApiError {
  return error instanceof ApiError && error.status === status
}

/** Another action on the droplet is in progress. The API reports this only in its message. */
export function isPendingEvent(error: unknown): boolean {
  return isStatus(error, 422) && /pending event/i.test(error.message)
}

const UNSENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH'])
const UNSENT_BY_CLIENT = 'UND_ERR_CONNECT_TIMEOUT'

/** Translates an error of fetch. */
export function networkError(error: unknown, url: string): ApiError {
  const { code = '', message = String(error) } = rootOf(error)
  const unsent = UNSENT.has(code) || code === UNSENT_BY_CLIENT || /CERT|TLS|SSL/.test(code)
  if (!unsent) {
    return new ApiError('cloud-lost', `the connection to ${url} was lost: ${message}`, {
      outcome: 'lost',
      cause: error,
      hint: 'belt ls shows what there is now',
    })
  }
  return new ApiError('cloud-unreachable', `cannot connect to DigitalOcean at ${url}: ${message}`, {
    outcome: 'unsent',
    cause: error,
    exitCode: ExitCode.precheck,
    hint: 'check your network connection, and DIGITALOCEAN_API_URL if it is set',
  })
}

export function timeoutError(url: string, timeoutMs: number): ApiError {
  return new ApiError('cloud-timeout', `no answer from ${url} within ${timeoutMs / 1000} s`, {
    outcome: 'lost',
    hint: 'belt ls shows what there is now',
  })
}

/** fetch wraps the actual error, sometimes more than once. */
function rootOf(error: unknown): { code?: string; message?: string } {
  const { cause, errors } = (error ?? {}) as { cause?: unknown; errors?: unknown[] }
  if (errors?.[0] !== undefined) return rootOf(errors[0])
  return cause === undefined ? ((error ?? {}) as { code?: string; message?: string }) : rootOf(cause)
}
