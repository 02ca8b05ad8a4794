/** How many more starts to admit in each period in which the event loop was idle enough. */
const MORE = 32
const PERIOD_MS = 10
const IDLE_ENOUGH = 0.7

/** A start that takes longer is waiting for its host. It costs nothing, so it no longer counts. */
const SLOW_MS = 1_000

/**
 * Limits how many connections start at once. A few thousand at once would block the event loop, including keepalives and
 * Ctrl-C, for more than a second (docs/decisions/connections.md).
 */
export class StartGate {
  readonly #atOnce: number
  readonly #grows: boolean
  readonly #waiting: (() => void)[] = []
  #running = 0
  #timer: NodeJS.Timeout | undefined
  #before = performance.eventLoopUtilization()

  /**
   * @param atOnce how many to run at once
   * @param grows whether to admit more while the event loop is idle, as it is when hosts are far away
   */
  constructor(atOnce: number, { grows = false } = {}) {
    this.#atOnce = atOnce
    this.#grows = grows
  }

  /** Runs `start` as soon as there is room. Its place becomes free when it ends, or after a second. */
  async through<T>(start: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#atOnce) await this.#turn()
    this.#running++
    const leave = once(() => this.#leave())
    const slow = setTimeout(leave, SLOW_MS)
    try {
      return await start()
    } finally {
      clearTimeout(slow)
      leave()
    }
  }

  #turn(): Promise<void> {
    this.#watch()
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  #leave(): void {
    this.#running--
    if (this.#running < this.#atOnce) this.#waiting.shift()?.()
  }

  #watch(): void {
    if (!this.#grows || this.#timer) return
    this.#before = performance.eventLoopUtilization()
    this.#timer = setInterval(() => this.#look(), PERIOD_MS)
  }

  #look(): void {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, this.#before)
    this.#before = now
    if (utilization < IDLE_ENOUGH) for (const go of this.#waiting.splice(0, MORE)) go()
    if (this.#waiting.length > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

function once(work: () => void): () => void {
  let done = false
  return () => {
    if (!done) work()
    done = true
  }
}
