import { ExitCode } from '../../errors.ts'
import { ApiError, type ApiErrorOptions } from './api-error.ts'

const TOKENS_PAGE = 'https://cloud.digitalocean.com/account/api/tokens'

interface Refusal {
  id?: string
  message?: string
  request_id?: string
  error_attributes?: { available_regions?: string[] }
}

/**
 * Reads the body of an answer.
 * @returns null where an answer has none
 * @throws ApiError for an answer that tells of a failure, or that is no JSON
 */
export function readAnswer(response: Response, body: string): unknown {
  if (!response.ok) throw failureOf(response, body)
  if (body.trim() === '') return null
  const answer = parsed(body)
  if (answer !== undefined) return answer
  throw new ApiError('cloud-garbled', 'the answer of DigitalOcean is no JSON', {
    fate: 'lost',
    status: response.status,
    hint: 'something between here and the API answers in its place: check the proxy and DIGITALOCEAN_API_URL',
  })
}

function failureOf({ status, headers }: Response, body: string): ApiError {
  // A gateway in front of the API answers with a page.
  const refusal = (parsed(body) ?? {}) as Refusal
  const words = refusal.message ?? 'it gave no reason'
  const options: ApiErrorOptions = {
    fate: status >= 500 ? 'lost' : 'refused',
    status,
    ...(refusal.id !== undefined && { id: refusal.id }),
    requestId: refusal.request_id ?? headers.get('x-request-id') ?? undefined,
    availableRegions: refusal.error_attributes?.available_regions ?? [],
  }
  if (status === 401) {
    return new ApiError('cloud-token', `DigitalOcean does not accept the token: ${words}`, {
      ...options,
      exitCode: ExitCode.precheck,
      hint: `export DIGITALOCEAN_ACCESS_TOKEN=…, with a token made at ${TOKENS_PAGE}`,
    })
  }
  if (status === 403) {
    return new ApiError('cloud-forbidden', `the token may not do this: ${words}`, {
      ...options,
      hint: `make a token that may read and write droplets, tags and firewalls, at ${TOKENS_PAGE}`,
    })
  }
  if (status === 429) {
    return new ApiError('cloud-rate-limit', `too many requests for DigitalOcean: ${words}`, {
      ...options,
      retryAfterMs: retryAfterMs(headers),
      hint: 'something else uses the same token: wait some minutes, or give Belt a token of its own',
    })
  }
  if (status >= 500) {
    return new ApiError('cloud-failed', `DigitalOcean failed with ${status}: ${words}`, {
      ...options,
      hint: 'https://status.digitalocean.com tells of outages; the same command again goes on where this one ended',
    })
  }
  return new ApiError('cloud-refused', `DigitalOcean says: ${words}`, options)
}

function retryAfterMs(headers: Headers): number | undefined {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) ? seconds * 1000 : undefined
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
