import { BeltError, reasonOf } from '../errors.ts'
import { interrupted } from './errors.ts'
import { type Slot, SlotWindow } from './slots.ts'

const DEFAULT_CONCURRENCY = 128

/** What one host answered. `durationMs` counts from its slot, not from the start of the whole. */
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
  /** How many may be begun at once, where those that are silent give their slot to others; any number unless told. */
  connections?: number
  /** Once aborted, nothing more is started; work that runs is expected to watch the same signal. */
  signal?: AbortSignal | undefined
  /** Called as each answer comes, in the order of arrival; the next host waits for the promise that it returns. */
  onAnswer?: ((answer: Answer<T>) => unknown) | undefined
}

/**
 * Does `work` on every item, many at once. Work that hands its slot to the host lets others go while that is silent.
 * @returns one answer per item, in the order of the items; a failure is an answer and never rejects the whole
 */
export function fanOut<T, I extends { readonly name: string }>(
  items: readonly I[],
  work: (item: I, slot: Slot) => Promise<T>,
  options: FanOutOptions<T> = {},
): Promise<Answer<T>[]> {
  const window = new SlotWindow(options.concurrency ?? DEFAULT_CONCURRENCY, options.connections)
  const answerOf = async (item: I, slot: Slot) => {
    const answer = await attempt(item, () => work(item, slot), options.signal)
    await options.onAnswer?.(answer)
    return answer
  }
  return Promise.all(items.map(item => window.through(slot => answerOf(item, slot))))
}

/** The answers that are failures. */
export function failedOf<T>(answers: readonly Answer<T>[]): Failure[] {
  return answers.filter(answer => !answer.ok)
}

async function attempt<T>(
  item: { readonly name: string },
  work: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<Answer<T>> {
  const start = performance.now()
  const answered = () => ({ host: item.name, durationMs: performance.now() - start })
  try {
    if (signal?.aborted) throw interrupted(item.name)
    const value = await work()
    return { ...answered(), ok: true, value }
  } catch (error) {
    return { ...answered(), ok: false, error: asBeltError(error, item.name) }
  }
}

function asBeltError(error: unknown, host: string): BeltError {
  if (error instanceof BeltError) return error
  return new BeltError('unexpected', reasonOf(error), { host, cause: error })
}
