import { BeltError, reasonOf } from '../errors.ts'
import { interrupted } from './errors.ts'
import { type Slot, SlotWindow } from './slots.ts'

const DEFAULT_CONCURRENCY = 128

/** One host's answer. `durationMs` counts from when the host got its slot, not from the start of the run. */
export type Answer<T> = Success<T> | FailedAnswer

interface Success<T> {
  readonly host: string
  readonly ok: true
  readonly value: T
  readonly durationMs: number
}

export interface FailedAnswer {
  readonly host: string
  readonly ok: false
  readonly error: BeltError
  readonly durationMs: number
}

export interface FanOutOptions<T> {
  /** How many hosts to work on at once (default: 128). A sliding window, so that a slow host does not delay the others. */
  concurrency?: number
  /** How many hosts to start at once, including silent ones that released their slot (default: unlimited). */
  connections?: number
  /** Once aborted, no further host is started. Running work must watch the signal itself. */
  signal?: AbortSignal | undefined
  /** Called for each answer in order of arrival. The host's slot stays occupied until the returned promise settles. */
  onAnswer?: ((answer: Answer<T>) => unknown) | undefined
}

/**
 * Runs `work` on every item concurrently. Work that passes its slot to the host lets others proceed while the host is
 * silent.
 * @returns one answer per item, in the order of the items; failures are answers, so this never rejects because of one
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
export function failedOf<T>(answers: readonly Answer<T>[]): FailedAnswer[] {
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
