import { type BeltError, BeltError as Refusal } from '../../errors.ts'
import { ApiError } from './api-error.ts'

interface Rule {
  readonly words: RegExp
  readonly code: string
  readonly hint: string
}

/** The API distinguishes its refusals only by their message. The first matching rule applies. */
const RULES: readonly Rule[] = [
  {
    words: /droplet limit/i,
    code: 'droplet-limit',
    hint: 'remove unneeded droplets (belt rm), or request a higher limit at https://cloud.digitalocean.com/account/team/droplet_limit_increase',
  },
  {
    words: /image/i,
    code: 'bad-image',
    hint: 'set digitalocean.image to a slug, or to the id or name of a snapshot (doctl compute image list)',
  },
  {
    words: /ssh|key identifier/i,
    code: 'bad-key',
    hint: 'set digitalocean.ssh_key_fingerprint to a key on the account (doctl compute ssh-key list)',
  },
  {
    words: /vpc/i,
    code: 'bad-vpc',
    hint: 'set digitalocean.vpc_uuid to a VPC in the same region (doctl vpcs list), or remove it',
  },
  {
    words: /not available|unavailable|sold out|capacity|currently restricted/i,
    code: 'sold-out',
    hint: 'try another region (--region) or another size; doctl compute size list shows all sizes',
  },
  {
    words: /size/i,
    code: 'bad-size',
    hint: 'use another size, as in belt create 1gb NODES; doctl compute size list shows all sizes',
  },
  {
    words: /region/i,
    code: 'bad-region',
    hint: 'set digitalocean.region or --region to another region; doctl compute region list shows all regions',
  },
]

/** Adds a code and a hint to the API's refusal of a resize. */
export function explainResizeRefusal(error: unknown, size: string): Error {
  if (!(error instanceof ApiError) || !/too large for your droplet/i.test(error.message))
    return error as Error
  return new Refusal('no-room-for-size', error.message, {
    hint: `the server on which the droplet runs has no room for ${size}: try a smaller size, or make a new machine of that size (belt create ${size} NAME) and remove this one`,
    cause: error,
    details: { ...error.details, size },
  })
}

/** Adds a code and a hint to the API's refusal of a create. */
export function explainRefusal(error: unknown, size: string, region: string): Error {
  if (!(error instanceof ApiError) || error.status !== 422) return error as Error
  const elsewhere = error.availableRegions.join(', ')
  const rule = elsewhere === '' ? RULES.find(({ words }) => words.test(error.message)) : undefined
  return refusal(error, {
    code: rule?.code ?? (elsewhere === '' ? error.code : 'sold-out'),
    hint:
      elsewhere === '' ? rule?.hint : `${size} is available in ${elsewhere}; use --region, or another size`,
    size,
    region,
  })
}

function refusal(
  error: ApiError,
  { code, hint, size, region }: { code: string; hint: string | undefined; size: string; region: string },
): BeltError {
  return new Refusal(code, error.message, {
    ...(hint !== undefined && { hint }),
    cause: error,
    details: { ...error.details, size, region },
  })
}
