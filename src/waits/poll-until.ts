import { retry, type WaitOptions } from '../retry.ts'

export interface PollOptions extends WaitOptions {
  readonly deadlineMs: number
  /** The pause between two reads. */
  readonly everyMs: number
  /** Whether to retry reads that fail, until the deadline (default: true). */
  readonly retryReads?: boolean
  /** Called with what is missing, after each read that does not end the wait. */
  readonly onWait?: ((missing: string) => void) | undefined
}

/**
 * Reads until nothing is missing, or until the deadline.
 * @param missingIn says what a value lacks; undefined if nothing
 * @returns the last value, which may still lack something
 * @throws the failure of the last read, so that a value that could not be read is never taken for one that could
 */
export async function pollUntil<T>(
  read: () => Promise<T>,
  missingIn: (value: T) => string | undefined,
  { retryReads = true, onWait, ...options }: PollOptions,
): Promise<T> {
  const attempt = async () => {
    const value = await read()
    const missing = missingIn(value)
    if (missing !== undefined) throw new Incomplete(missing, value)
    return value
  }
  try {
    return await retry(attempt, {
      ...options,
      retryable: error => retryReads || error instanceof Incomplete,
      onRetry: error => {
        if (error instanceof Incomplete) onWait?.(error.message)
      },
    })
  } catch (error) {
    if (error instanceof Incomplete) return error.value as T
    throw error
  }
}

class Incomplete extends Error {
  readonly value: unknown

  constructor(missing: string, value: unknown) {
    super(missing)
    this.value = value
  }
}
