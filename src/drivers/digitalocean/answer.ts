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
 * Parses the body of a response.
 * @returns null for an empty body
 * @throws ApiError for an error response, or a body that is not JSON
 */
export function parseResponse(response: Response, body: string): unknown {
  if (!response.ok) throw failureOf(response, body)
  if (body.trim() === '') return null
  const answer = parsed(body)
  if (answer !== undefined) return answer
  throw new ApiError('cloud-garbled', 'the response from DigitalOcean is not JSON', {
    outcome: 'lost',
    status: response.status,
    hint: 'a proxy may have answered instead of the API: check the proxy and DIGITALOCEAN_API_URL',
  })
}

function failureOf({ status, headers }: Response, body: string): ApiError {
  // A gateway in front of the API responds with an HTML page.
  const refusal = (parsed(body) ?? {}) as Refusal
  const words = refusal.message ?? 'no reason given'
  const options: ApiErrorOptions = {
    outcome: status >= 500 ? 'lost' : 'refused',
    status,
    ...(refusal.id !== undefined && { id: refusal.id }),
    requestId: refusal.request_id ?? headers.get('x-request-id') ?? undefined,
    availableRegions: refusal.error_attributes?.available_regions ?? [],
  }
  if (status === 401) {
    return new ApiError('cloud-token', `DigitalOcean rejected the token: ${words}`, {
      ...options,
      exitCode: ExitCode.precheck,
      hint: `create a token at ${TOKENS_PAGE} and run export DIGITALOCEAN_ACCESS_TOKEN=…`,
    })
  }
  if (status === 403) {
    return new ApiError('cloud-forbidden', `the DigitalOcean token does not have permission: ${words}`, {
      ...options,
      hint: `create a token with read and write access to droplets, tags and firewalls at ${TOKENS_PAGE}`,
    })
  }
  if (status === 429) {
    return new ApiError('cloud-rate-limit', `DigitalOcean rate limit exceeded: ${words}`, {
      ...options,
      retryAfterMs: retryAfterMs(headers),
      hint: 'another program is using the same token: wait a few minutes, or use a separate token for Belt',
    })
  }
  if (status >= 500) {
    return new ApiError('cloud-failed', `DigitalOcean failed with ${status}: ${words}`, {
      ...options,
      hint: 'check https://status.digitalocean.com for outages; run the same command again to continue',
    })
  }
  return new ApiError('cloud-refused', `DigitalOcean refused the request: ${words}`, options)
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
