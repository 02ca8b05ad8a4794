import { usageError } from '../../errors.ts'

/** How many nodes may be unavailable at once. */
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
  throw usageError('bad-max-unavailable', `"${text}" is not a valid number of nodes`, {
    hint: 'use a number (3) or a share (10%)',
  })
}

/** The facts about a node that decide whether it takes tasks. */
export interface WaveNode {
  readonly availability: 'active' | 'pause' | 'drain'
  readonly state: string
}

/** Whether a node takes no tasks: it is down or may be, or it is drained or paused. */
export function isUnavailable({ state, availability }: WaveNode): boolean {
  return state !== 'ready' || availability !== 'active'
}

/** How many of `total` nodes may be unavailable at once. A share is rounded down to at least 1. */
export function maxUnavailableOf(max: MaxUnavailable, total: number): number {
  return 'count' in max ? max.count : Math.max(1, Math.floor((total * max.percent) / 100))
}

/**
 * Chooses the nodes of the next wave, so that no more than `most` nodes are unavailable at once. Nodes that are
 * unavailable already take no room from others, but count towards the size of the wave.
 * @param waiting the nodes that wait for their upgrade, in order
 * @param unavailable how many nodes are unavailable already, for whatever reason
 * @returns an empty list when the unavailable nodes leave no room
 */
export function waveOf<T>(
  waiting: readonly T[],
  isUnavailable: (each: T) => boolean,
  { most, unavailable }: { readonly most: number; readonly unavailable: number },
): T[] {
  const wave: T[] = []
  let room = most - unavailable
  for (const each of waiting) {
    if (wave.length === most) break
    const cost = isUnavailable(each) ? 0 : 1
    if (cost > Math.max(0, room)) continue
    room -= cost
    wave.push(each)
  }
  return wave
}
