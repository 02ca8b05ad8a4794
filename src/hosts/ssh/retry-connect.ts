import pRetry from 'p-retry'
import { retry } from '../../retry.ts'
import { HostError, isOfBastion, mayBeBooting } from '../errors.ts'

const BOOTING_EVERY_MS = 750

/** Four times, after 0.25 to 0.5 s first and twice as long each time: hosts dropped together do not return together. */
const PAUSES = { retries: 4, minTimeout: 250, factor: 2, randomize: true }

/** A try in less time would only tell that there was too little of it. */
const LEAST_MS = 500

export interface Tries {
  readonly deadlineMs: number
  readonly signal: AbortSignal
  /** Told of each failure that will be tried again. */
  readonly onRetry: (failure: HostError, elapsedMs: number) => void
}

/** Makes one try within the time that is left. */
type Attempt<T> = (remainingMs: number) => Promise<T>

/**
 * Tries a machine that was just made until it answers or the deadline passes.
 * @throws the last failure, with how long it was tried
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
 * Tries a host a few times more when its failure is one of chance: sshd drops starts at random when many come at once
 * (MaxStartups), a name server has a hiccup. What will not pass by itself is thrown at once. A connection that was made
 * is handed over even when the signal was aborted meanwhile: else nobody could close it.
 * @throws the last failure, with how long it was tried
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
  const message = `${failure.message} (tried again for ${Math.round(elapsedMs / 1000)} s)`
  return new HostError(failure.failure, failure.host as string, message, {
    ...(failure.hint && { hint: failure.hint }),
    cause: failure.cause,
  })
}
