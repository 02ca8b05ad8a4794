import pLimit from 'p-limit'
import { BeltError, reasonOf } from '../errors.ts'
import { interrupted } from './errors.ts'

const DEFAULT_CONCURRENCY = 128

/** What one host answered. `durationMs` counts from its turn, not from the start of the whole. */
export type Answer<T> = Success<T> | Failure

interface Success<T> {
  readonly host: string
  readonly ok: true
  readonly value: T
  readonly durationMs: number
}

export interface Failure {
  readonly host: string
  readonly ok: false
  readonly error: BeltError
  readonly durationMs: number
}

export interface FanOutOptions<T> {
  /** How many at once, 128 unless told; a sliding window, so that the slowest host holds back nobody. */
  concurrency?: number
  /** Once aborted, nothing more is started; work that runs is expected to watch the same signal. */
  signal?: AbortSignal | undefined
  /** Called as each answer comes, in the order of arrival. */
  onAnswer?: (answer: Answer<T>) => void
}

/**
 * Does `work` on every item, many at once.
 * @returns one answer per item, in the order of the items; a failure is an answer and never rejects the whole
 */
export function fanOut<T, I extends { readonly name: string }>(
  items: readonly I[],
  work: (item: I) => Promise<T>,
  options: FanOutOptions<T> = {},
): Promise<Answer<T>[]> {
  const limit = pLimit(options.concurrency ?? DEFAULT_CONCURRENCY)
  const answerOf = async (item: I) => {
    const answer = await attempt(item, work, options.signal)
    options.onAnswer?.(answer)
    return answer
  }
  return Promise.all(items.map(item => limit(answerOf, item)))
}

/** The answers that are failures. */
export function failedOf<T>(answers: readonly Answer<T>[]): Failure[] {
  return answers.filter(answer => !answer.ok)
}

async function attempt<T, I extends { readonly name: string }>(
  item: I,
  work: (item: I) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<Answer<T>> {
  const start = performance.now()
  const answered = () => ({ host: item.name, durationMs: performance.now() - start })
  try {
    if (signal?.aborted) throw interrupted(item.name)
    const value = await work(item)
    return { ...answered(), ok: true, value }
  } catch (error) {
    return { ...answered(), ok: false, error: asBeltError(error, item.name) }
  }
}

function asBeltError(error: unknown, host: string): BeltError {
  if (error instanceof BeltError) return error
  return new BeltError('unexpected', reasonOf(error), { host, cause: error })
}
