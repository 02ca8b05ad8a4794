import { setTimeout as sleep } from 'node:timers/promises'

/** The time that waits and deadlines go by. Tests pass one that runs faster, or one that they move themselves. */
export interface Clock {
  /**
   * Milliseconds since 1970 by a clock that nobody sets, for durations and deadlines. It may stand still while the
   * computer sleeps.
   */
  now(): number
  /** Milliseconds since 1970 by the computer's own clock, which people set and which goes on during sleep. */
  wallTime(): number
  /**
   * @param options `ref: false` lets the process end during the wait; default true
   * @throws the signal's reason when it is aborted
   */
  sleep(ms: number, signal?: AbortSignal, options?: { ref?: boolean }): Promise<void>
  /** A signal that is aborted after this many milliseconds. */
  deadline(ms: number): AbortSignal
}

const STARTED_AT = performance.timeOrigin

/** @param speed how many of its seconds pass in one */
export function clockAt(speed: number): Clock {
  return {
    now: () => (STARTED_AT + performance.now()) * speed,
    wallTime: () => Date.now() * speed,
    async sleep(ms, signal, { ref = true } = {}) {
      signal?.throwIfAborted()
      try {
        await sleep(Math.max(0, ms) / speed, undefined, { signal, ref })
      } catch (error) {
        signal?.throwIfAborted()
        throw error
      }
    },
    deadline: ms => AbortSignal.timeout(Math.ceil(ms / speed)),
  }
}

export const systemClock: Clock = clockAt(1)
