import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../src/clock.ts'

interface Sleeper {
  readonly at: number
  /** Nobody waits for it: time does not fly for its sake. */
  readonly isBackground: boolean
  wake(): void
}

/** A clock that stands still until a test moves it, or until `run` has it follow the sleepers. */
export class FakeClock implements Clock {
  #ms = 1_767_225_600_000
  #asleepMs = 0
  readonly #sleepers = new Set<Sleeper>()

  now(): number {
    return this.#ms
  }

  wallTime(): number {
    return this.#ms + this.#asleepMs
  }

  async sleep(ms: number, signal?: AbortSignal, { ref = true } = {}): Promise<void> {
    signal?.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const wake = () => {
        this.#sleepers.delete(sleeper)
        signal?.removeEventListener('abort', wake)
        if (signal?.aborted) reject(signal.reason)
        else resolve()
      }
      const sleeper: Sleeper = { at: this.#ms + Math.max(0, ms), isBackground: !ref, wake }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', wake)
      this.slept()
    })
  }

  deadline(ms: number): AbortSignal {
    const over = new AbortController()
    void this.sleep(ms, undefined, { ref: false }).then(() =>
      over.abort(new DOMException('timed out', 'TimeoutError')),
    )
    return over.signal
  }

  /** Called whenever somebody begins to sleep. */
  protected slept(): void {}

  /** Whether anybody sleeps whom others wait for. */
  protected get isAwaited(): boolean {
    return [...this.#sleepers].some(({ isBackground }) => !isBackground)
  }

  /** Wakes up whoever is next, by which the time goes on. */
  protected async wakeNext(): Promise<void> {
    const next = this.#next(Number.POSITIVE_INFINITY)
    if (next) await this.#wake(next)
  }

  /** Lets this many milliseconds pass; whoever wakes up in them has a turn before the time goes on. */
  async advance(ms: number): Promise<void> {
    const end = this.#ms + ms
    await turn()
    for (let next = this.#next(end); next; next = this.#next(end)) await this.#wake(next)
    this.#ms = Math.max(this.#ms, end)
  }

  /** Moves the time itself while nobody is woken, as a slow answer does. */
  skip(ms: number): void {
    this.#ms += ms
  }

  /** The computer sleeps: its own clock goes on, and the waits do not. */
  suspend(ms: number): void {
    this.#asleepMs += ms
  }

  /** Lets time pass until the work has ended: no wait takes any. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isRunning = true
    const ended = work.finally(() => {
      isRunning = false
    })
    // Whoever calls awaits `ended`, and sees its failure there.
    ended.catch(() => {})
    while (isRunning) {
      await turn()
      if (isRunning) await this.wakeNext()
    }
    return ended
  }

  #next(until: number): Sleeper | undefined {
    const [first] = [...this.#sleepers].toSorted((a, b) => a.at - b.at)
    return first && first.at <= until ? first : undefined
  }

  async #wake(sleeper: Sleeper): Promise<void> {
    this.#ms = Math.max(this.#ms, sleeper.at)
    sleeper.wake()
    await turn()
  }
}
