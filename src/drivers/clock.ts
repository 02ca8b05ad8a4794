import { setTimeout as sleep } from 'node:timers/promises'

/** The clock for a cloud's rate limits and deadlines; tests use a faster one. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** @throws the signal's reason if it is aborted while waiting */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** A signal that is aborted after `ms`. */
  deadline(ms: number): AbortSignal
}

/** @param speed how many times faster than real time it runs */
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
