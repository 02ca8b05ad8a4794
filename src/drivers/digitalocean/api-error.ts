import { BeltError, type BeltErrorOptions, ExitCode } from '../../errors.ts'

/**
 * What is known of a request that failed: the API refused it, it never reached the API, or nobody knows what it did,
 * because the answer was lost or told of a fault of the server.
 */
export type RequestOutcome = 'refused' | 'unsent' | 'lost'

export interface ApiErrorOptions extends BeltErrorOptions {
  fate: RequestOutcome
  /** The HTTP status, when there was an answer. */
  status?: number
  /** The API's own word for what is wrong, such as `unprocessable_entity`. */
  id?: string
  /** What DigitalOcean's support asks for. */
  requestId?: string | undefined
  /** How long the API wants to be left alone. */
  retryAfterMs?: number | undefined
  /** Where what was asked for is to be had, when the API tells. */
  availableRegions?: readonly string[]
}

/** The API refused, failed or gave no answer. */
export class ApiError extends BeltError {
  readonly fate: RequestOutcome
  readonly status: number | undefined
  readonly id: string | undefined
  readonly requestId: string | undefined
  readonly retryAfterMs: number | undefined
  readonly availableRegions: readonly string[]

  constructor(code: string, message: string, options: ApiErrorOptions) {
    const { fate, status, id, requestId } = options
    super(code, message, { ...options, details: { ...options.details, fate, status, id, requestId } })
    this.fate = fate
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

/** Another action on the droplet is under way. The API tells it in words only. */
export function isPendingEvent(error: unknown): boolean {
  return isStatus(error, 422) && /pending event/i.test(error.message)
}

const UNSENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH'])
const UNSENT_BY_CLIENT = 'UND_ERR_CONNECT_TIMEOUT'

/** Says what it means that fetch failed. */
export function networkError(error: unknown, url: string): ApiError {
  const { code = '', message = String(error) } = rootOf(error)
  const unsent = UNSENT.has(code) || code === UNSENT_BY_CLIENT || /CERT|TLS|SSL/.test(code)
  if (!unsent) {
    return new ApiError('cloud-lost', `the connection to ${url} broke: ${message}`, {
      fate: 'lost',
      cause: error,
      hint: 'belt ls shows what there is now',
    })
  }
  return new ApiError('cloud-unreachable', `DigitalOcean cannot be reached at ${url}: ${message}`, {
    fate: 'unsent',
    cause: error,
    exitCode: ExitCode.precheck,
    hint: 'check the network, and DIGITALOCEAN_API_URL if you set it',
  })
}

export function timeoutError(url: string, timeoutMs: number): ApiError {
  return new ApiError('cloud-timeout', `no answer from ${url} within ${timeoutMs / 1000} s`, {
    fate: 'lost',
    hint: 'belt ls shows what there is now',
  })
}

/** fetch wraps what happened, at times more than once. */
function rootOf(error: unknown): { code?: string; message?: string } {
  const { cause, errors } = (error ?? {}) as { cause?: unknown; errors?: unknown[] }
  if (errors?.[0] !== undefined) return rootOf(errors[0])
  return cause === undefined ? ((error ?? {}) as { code?: string; message?: string }) : rootOf(cause)
}
