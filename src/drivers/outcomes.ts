import pLimit from 'p-limit'
import { BeltError, ExitCode } from '../errors.ts'
import { silentProgress } from '../progress.ts'
import type { DriverCallOptions, Machine, Outcome } from './driver.ts'

export interface FleetWork extends DriverCallOptions {
  /** A phrase for the progress, such as "Creating machines". */
  title: string
  /** How many machines are worked on at once. */
  concurrency: number
}

/**
 * Does the same to each machine and tells what became of each, in the order they were asked for: one failure stops
 * no other, and once the signal is aborted no further machine is begun.
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

/** What became of machines that an aborted signal left untouched. */
export function untouched(items: readonly { readonly name: string }[]): Outcome[] {
  return items.map(({ name }) => failure(name, interruptedBefore(name)))
}

/** The outcome of a failure; the caller's own interruption is told as one. */
export function failure(name: string, error: unknown, signal?: AbortSignal): Outcome & { ok: false } {
  if (isAbort(error, signal)) return failure(name, interruptedBefore(name))
  return { name, ok: false, error: error instanceof Error ? error : new Error(String(error)) }
}

/** Timers and the like wrap the signal's reason. */
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
