import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'
import { onTestFinished, vi } from 'vitest'

/**
 * Lets no wait take any time, though the clock that deadlines go by shows that it did: what takes minutes is over in
 * milliseconds, and in the same order each time.
 * @param pace how many times as long as it was told to each wait takes by that clock: the fewer tries until a deadline
 */
export function timeFlies(pace = 1): void {
  vi.useFakeTimers({ toFake: ['performance'] })
  const { setTimeout: slow } = timers
  const swift: typeof slow = async (milliseconds = 0, value, options) => {
    const { signal } = options ?? {}
    // Real timers, such as the limit of the test, have their turn.
    await new Promise(resolve => setImmediate(resolve))
    vi.advanceTimersByTime(milliseconds * pace)
    signal?.throwIfAborted()
    return value as never
  }
  replaceSleep(swift)
  onTestFinished(() => {
    replaceSleep(slow)
    vi.useRealTimers()
  })
}

/** Modules see what they have imported of Node's own by live names. */
function replaceSleep(sleep: typeof timers.setTimeout): void {
  timers.setTimeout = sleep
  syncBuiltinESMExports()
}
