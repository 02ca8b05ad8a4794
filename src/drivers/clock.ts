import { setTimeout as sleep } from 'node:timers/promises'

/** The time that limits and deadlines of a cloud are counted in: a faster one makes a test of minutes short. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** @throws the signal's reason when it is aborted meanwhile */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** A signal that is aborted when the time is over. */
  deadline(ms: number): AbortSignal
}

/** @param speed how many of its seconds pass in one */
export function clockAt(speed: number): Clock {
  return {
    now: () => Date.now() * speed,
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      try {
        await sleep(Math.max(0, ms) / speed, undefined, { signal })
      } catch (error) {
        signal?.throwIfAborted()
        throw error
      }
    },
    deadline: ms => AbortSignal.timeout(Math.ceil(ms / speed)),
  }
}
