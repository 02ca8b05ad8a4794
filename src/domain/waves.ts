import { usageError } from '../errors.ts'

/** How many nodes may be out at once. */
export type MaxUnavailable = { readonly count: number } | { readonly percent: number }

/**
 * Reads `3` or `10%`.
 * @throws a usage error
 */
export function parseMaxUnavailable(text: string): MaxUnavailable {
  const match = /^(\d+)(%?)$/.exec(text)
  const value = Number(match?.[1])
  if (match && value > 0) {
    if (match[2] === '') return { count: value }
    if (value <= 100) return { percent: value }
  }
  throw usageError('bad-max-unavailable', `"${text}" is no number of nodes that may be out at once`, {
    hint: 'write 3, or 10%',
  })
}

/**
 * How many nodes go at once.
 * @param total the nodes of the kind that there are
 * @param missing those of them that are out already, for whatever reason
 * @returns at least 1, or one node that is down for good would hold up every upgrade; a share is rounded down
 */
export function waveSize(max: MaxUnavailable, total: number, missing: number): number {
  const allowed = 'count' in max ? max.count : Math.floor((total * max.percent) / 100)
  return Math.max(1, allowed - missing)
}
