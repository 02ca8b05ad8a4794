import { type Clock, systemClock } from './clock.ts'
import { BeltError, isDenied } from './errors.ts'

/** What bounds a wait besides its deadline. */
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined
  /** What the deadline and the pauses go by (default: the system's clock). */
  readonly clock?: Clock | undefined
}

export interface RetryOptions extends WaitOptions {
  /** When to give up, in milliseconds from the call. */
  deadlineMs: number
  /** The pause between attempts. It is constant, because a growing one allows too few attempts before a deadline. */
  everyMs: number
  /** Whether to retry after this failure (default: always). A lack of rights is never retried. */
  retryable?: (error: unknown) => boolean
  /** Called after each failure that will be retried. */
  onRetry?: (error: unknown, elapsedMs: number) => void
}

/**
 * Calls `attempt` until it resolves, a failure is not retryable, or the deadline passes.
 * @param attempt receives the time left until the deadline, in milliseconds
 * @throws the last failure unchanged, so that the cause is never hidden; the signal's reason if aborted
 */
export async function retry<T>(
  attempt: (remainingMs: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { clock = systemClock } = options
  const start = clock.now()
  for (;;) {
    options.signal?.throwIfAborted()
    const remainingMs = options.deadlineMs - (clock.now() - start)
    try {
      return await attempt(Math.max(1, remainingMs))
    } catch (error) {
      options.signal?.throwIfAborted()
      const elapsedMs = clock.now() - start
      const again = !isDenied(error) && (options.retryable?.(error) ?? true)
      if (!again || elapsedMs + options.everyMs >= options.deadlineMs) throw error
      options.onRetry?.(error, elapsedMs)
      await clock.sleep(options.everyMs, options.signal)
    }
  }
}

/**
 * Waits at most this long for `work`, which may continue in the background afterwards.
 * @throws `no-answer` if it has not finished by then
 */
export async function within<T>(
  milliseconds: number,
  work: () => Promise<T>,
  clock: Clock = systemClock,
): Promise<T> {
  const over = new AbortController()
  const late = async (): Promise<never> => {
    await clock.sleep(milliseconds, over.signal)
    throw new BeltError('no-answer', `no answer within ${Math.ceil(milliseconds / 1000)} s`)
  }
  try {
    return await Promise.race([work(), late()])
  } finally {
    over.abort()
  }
}
