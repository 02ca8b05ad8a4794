import { setTimeout as sleep } from 'node:timers/promises'
import { BeltError } from './errors.ts'

export interface RetryOptions {
  /** When to give up, counted from the call, in milliseconds. */
  deadlineMs: number
  /** The constant pause between two tries: a growing one makes too few tries before a deadline. */
  everyMs: number
  signal?: AbortSignal | undefined
  /** Whether this failure is worth another try; every failure is, unless told. */
  retryable?: (error: unknown) => boolean
  /** Called after each failure that will be tried again. */
  onRetry?: (error: unknown, elapsedMs: number) => void
}

/**
 * Calls `attempt` until it resolves, a failure is not retryable, or the deadline passes.
 * @param attempt is handed what is left until the deadline, in milliseconds
 * @throws the last failure as it was thrown, so that the cause is never hidden; the signal's reason when aborted
 */
export async function retry<T>(
  attempt: (remainingMs: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const start = performance.now()
  for (;;) {
    options.signal?.throwIfAborted()
    const remainingMs = options.deadlineMs - (performance.now() - start)
    try {
      return await attempt(Math.max(1, remainingMs))
    } catch (error) {
      options.signal?.throwIfAborted()
      const elapsedMs = performance.now() - start
      const again = options.retryable?.(error) ?? true
      if (!again || elapsedMs + options.everyMs >= options.deadlineMs) throw error
      options.onRetry?.(error, elapsedMs)
      await pause(options.everyMs, options.signal)
    }
  }
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

/**
 * Waits for `work`, and no longer than so many milliseconds: what it does then goes on unwatched.
 * @throws `no-answer` when it has not ended by then
 */
export async function within<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  const over = new AbortController()
  const late = async (): Promise<never> => {
    await sleep(milliseconds, undefined, { signal: over.signal })
    throw new BeltError('no-answer', `no answer within ${Math.ceil(milliseconds / 1000)} s`)
  }
  try {
    return await Promise.race([work(), late()])
  } finally {
    over.abort()
  }
}
