import { BeltError } from '../errors.ts'
import { type Answer, type FanOutOptions, fanOut } from '../hosts/fan-out.ts'

/**
 * Does `work` on one item after the other. The first that fails ends the run: the others are answered as not tried,
 * because what failed on one node may break the swarm on the next.
 */
export function oneByOne<T, I extends { readonly name: string }>(
  items: readonly I[],
  work: (item: I) => Promise<T>,
  options: Omit<FanOutOptions<T>, 'concurrency'> = {},
): Promise<Answer<T>[]> {
  let failedName: string | undefined
  const untilFirstFailure = async (item: I) => {
    if (failedName !== undefined) throw notTried(item.name, failedName)
    try {
      return await work(item)
    } catch (error) {
      failedName = item.name
      throw error
    }
  }
  return fanOut(items, untilFirstFailure, { ...options, concurrency: 1 })
}

/** The answer for an item that is left as it is, because another one failed before it. */
export function notTried(name: string, failedName: string): BeltError {
  return new BeltError('not-tried', `${name}: not tried, because ${failedName} failed`, { host: name })
}
