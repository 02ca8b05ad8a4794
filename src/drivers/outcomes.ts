import pLimit from 'p-limit'
import { BeltError, ExitCode } from '../errors.ts'
import { silentProgress } from '../progress.ts'
import type { DriverCallOptions, Machine, Outcome } from './driver.ts'

export interface FleetWork extends DriverCallOptions {
  /** The title of the progress, such as "Creating machines". */
  title: string
  /** How many machines to work on at once. */
  concurrency: number
}

/**
 * Runs `act` on each machine and returns the outcomes in the order of `items`. A failure does not stop the others. Once
 * the signal is aborted, no further machine is started.
 */
export async function outcomesOf<T extends { readonly name: string }>(
  items: readonly T[],
  act: (item: T) => Promise<{ machine: Machine; changed: boolean }>,
  { title, concurrency, signal, progress = silentProgress }: FleetWork,
): Promise<Outcome[]> {
  const distinct = [...new Map(items.map(item => [item.name, item])).values()]
  const task = progress.start(title, distinct.length)
  const limit = pLimit(concurrency)
  const outcomes = await Promise.all(
    distinct.map(item =>
      limit(async (): Promise<Outcome> => {
        try {
          if (signal?.aborted) throw interruptedBefore(item.name)
          const done = await act(item)
          task.step(item.name)
          return { name: item.name, ok: true, ...done }
        } catch (error) {
          return failure(item.name, error, signal)
        }
      }),
    ),
  )
  const failures = outcomes.filter(outcome => !outcome.ok).length
  if (failures > 0) task.fail(`${failures} of ${outcomes.length} failed`)
  else task.done()
  return outcomes
}

/** The outcomes of machines that were not touched because the signal was aborted. */
export function untouched(items: readonly { readonly name: string }[]): Outcome[] {
  return items.map(({ name }) => failure(name, interruptedBefore(name)))
}

/** The outcome for a failure; an abort by the caller becomes an `interrupted` error. */
export function failure(name: string, error: unknown, signal?: AbortSignal): Outcome & { ok: false } {
  if (isAbort(error, signal)) return failure(name, interruptedBefore(name))
  return { name, ok: false, error: error instanceof Error ? error : new Error(String(error)) }
}

/** Timers and other APIs wrap the signal's reason. */
function isAbort(error: unknown, signal: AbortSignal | undefined): boolean {
  if (!signal?.aborted) return false
  return error === signal.reason || (error instanceof Error && error.cause === signal.reason)
}

function interruptedBefore(name: string): BeltError {
  return new BeltError('interrupted', `interrupted before ${name} was done`, {
    host: name,
    exitCode: ExitCode.interrupted,
  })
}
