import pLimit from 'p-limit'
import type { Clock } from '../../clock.ts'
import { AdaptiveWindow } from '../../domain/adaptive-window.ts'
import { reasonOf } from '../../errors.ts'
import type { Progress } from '../../progress.ts'
import type { Fleet } from '../fleet.ts'

/** The largest number of parallel joins. Joins load the managers, because each writes to the Raft log several times. */
const JOINS_AT_ONCE = 25
/** A list of nodes that takes longer shows that the managers are overloaded. */
const SLOW_READ_MS = 5000

/** Lets as many joins through as the managers can take: half as many at once when joins are late, slowly more when not. */
export class JoinPace {
  readonly #window = new AdaptiveWindow(JOINS_AT_ONCE)
  readonly #turn = pLimit(JOINS_AT_ONCE)
  readonly #progress: Progress
  readonly #clock: Clock
  readonly #late = new Set<number>()
  #lowest = Number.POSITIVE_INFINITY

  constructor({ progress, clock }: Pick<Fleet, 'progress' | 'clock'>) {
    this.#progress = progress
    this.#clock = clock
  }

  /** The current limit of parallel joins. */
  get atOnce(): number {
    return this.#window.size
  }

  /**
   * Runs work when the limit allows it. The limit does not grow while a late join is still in progress.
   * @param work receives a function to call if its join is late
   */
  through<T>(work: (late: () => void) => Promise<T>): Promise<T> {
    return this.#turn(async () => {
      const number = this.#window.begin()
      try {
        const result = await work(() => {
          this.#late.add(number)
          this.#shrink(number, 'a join was late')
        })
        if (this.#late.size === 0) this.#window.grow(number)
        this.#turn.concurrency = this.#window.size
        return result
      } finally {
        this.#late.delete(number)
      }
    })
  }

  /** Reads from the managers. A slow answer or none shows that they are overloaded. */
  async timed<T>(read: () => Promise<T>): Promise<T> {
    const number = this.#window.begin()
    const start = this.#clock.now()
    try {
      const answer = await read()
      const tookMs = this.#clock.now() - start
      if (tookMs > SLOW_READ_MS)
        this.#shrink(number, `the list of nodes took ${(tookMs / 1000).toFixed(1)} s`)
      return answer
    } catch (error) {
      this.#shrink(number, `the nodes could not be listed (${reasonOf(error)})`)
      throw error
    }
  }

  #shrink(number: number, why: string): void {
    if (!this.#window.shrink(number)) return
    this.#turn.concurrency = this.#window.size
    if (this.#window.size >= this.#lowest) return
    this.#lowest = this.#window.size
    this.#progress.note(
      `${why}: the managers are busy, so at most ${machines(this.#window.size)} at once from now on`,
    )
  }
}

function machines(count: number): string {
  return count === 1 ? '1 machine joins' : `${count} machines join`
}
