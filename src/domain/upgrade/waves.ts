import { usageError } from '../../errors.ts'

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

/** A node as far as it matters to whether tasks find a place on it. */
export interface WaveNode {
  readonly availability: 'active' | 'pause' | 'drain'
  readonly state: string
}

/** Whether a node takes no tasks, for whatever reason: it is down, or may be, or was drained or paused. */
export function isOut({ state, availability }: WaveNode): boolean {
  return state !== 'ready' || availability !== 'active'
}

/** How many of `total` nodes may be out at once: a share is rounded down, and at least 1. */
export function mostOut(max: MaxUnavailable, total: number): number {
  return 'count' in max ? max.count : Math.max(1, Math.floor((total * max.percent) / 100))
}

/**
 * Which nodes go at once: never more than may be out together with those that are out already. Those of them that are
 * out themselves take no place from others, but count for the size of the wave.
 * @param waiting the nodes that are to go, in order
 * @param out how many nodes of the kind are out already, for whatever reason
 * @returns none when the nodes that are out leave no room
 */
export function waveOf<T>(
  waiting: readonly T[],
  isItOut: (each: T) => boolean,
  { most, out }: { readonly most: number; readonly out: number },
): T[] {
  const wave: T[] = []
  let room = most - out
  for (const each of waiting) {
    if (wave.length === most) break
    const costs = isItOut(each) ? 0 : 1
    if (costs > Math.max(0, room)) continue
    room -= costs
    wave.push(each)
  }
  return wave
}
