import pRetry from 'p-retry'
import { retry } from '../../retry.ts'
import { HostError, isOfBastion, mayBeBooting } from '../errors.ts'

const BOOTING_EVERY_MS = 750

/** Random pauses from 0.25 to 0.5 s, doubled each time, so that hosts dropped together do not retry together. */
const PAUSES = { retries: 4, minTimeout: 250, factor: 2, randomize: true }

/** An attempt with less time left could only time out. */
const LEAST_MS = 500

export interface Tries {
  readonly deadlineMs: number
  readonly signal: AbortSignal
  /** Called for each failure that will be retried. */
  readonly onRetry: (failure: HostError, elapsedMs: number) => void
}

/** Makes one attempt within the remaining time. */
type Attempt<T> = (remainingMs: number) => Promise<T>

/**
 * Retries a new machine until it answers or the deadline passes.
 * @throws the last failure, with how long it was retried
 */
export function retryUntilBooted<T>(attempt: Attempt<T>, { deadlineMs, signal, onRetry }: Tries): Promise<T> {
  return withElapsed(mayBeBooting, () =>
    retry(attempt, {
      deadlineMs,
      everyMs: BOOTING_EVERY_MS,
      signal,
      retryable: mayBeBooting,
      onRetry: (error, elapsedMs) => onRetry(error as HostError, elapsedMs),
    }),
  )
}

/**
 * Retries a host a few times after a transient failure: sshd drops random connections when many start at once
 * (MaxStartups), or a name server fails briefly. Other failures are thrown at once. Returns a connection that was made
 * even if the signal was aborted meanwhile, because nobody could close it otherwise.
 * @throws the last failure, with how long it was retried
 */
export function retryTransientFailures<T>(
  attempt: Attempt<T>,
  { deadlineMs, signal, onRetry }: Tries,
): Promise<T> {
  const start = performance.now()
  const elapsedMs = () => performance.now() - start
  const isWorthIt = (error: unknown, count: number) => {
    const pauseMs = PAUSES.minTimeout * PAUSES.factor ** count
    return isTransient(error) && elapsedMs() + pauseMs + LEAST_MS < deadlineMs
  }
  let made: { readonly value: T } | undefined
  const make = async (count: number) => {
    made = { value: await attempt(count === 1 ? deadlineMs : deadlineMs - elapsedMs()) }
    return made.value
  }
  return withElapsed(isTransient, () =>
    pRetry(make, {
      ...PAUSES,
      signal,
      shouldRetry: ({ error, attemptNumber }) => isWorthIt(error, attemptNumber),
      onFailedAttempt: ({ error, attemptNumber, retriesLeft }) => {
        if (retriesLeft > 0 && isWorthIt(error, attemptNumber)) onRetry(error as HostError, elapsedMs())
      },
    }).catch(error => {
      if (made) return made.value
      throw error
    }),
  )
}

function isTransient(error: unknown): boolean {
  if (!(error instanceof HostError) || isOfBastion(error)) return false
  return error.failure === 'reset' || (error.cause as NodeJS.ErrnoException | undefined)?.code === 'EAI_AGAIN'
}

async function withElapsed<T>(again: (error: unknown) => boolean, tries: () => Promise<T>): Promise<T> {
  const start = performance.now()
  try {
    return await tries()
  } catch (error) {
    throw again(error) ? gaveUp(error as HostError, performance.now() - start) : error
  }
}

function gaveUp(failure: HostError, elapsedMs: number): HostError {
  const message = `${failure.message} (retried for ${Math.round(elapsedMs / 1000)} s)`
  return new HostError(failure.failure, failure.host as string, message, {
    ...(failure.hint && { hint: failure.hint }),
    cause: failure.cause,
  })
}
