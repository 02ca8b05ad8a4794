import { setImmediate as turn } from 'node:timers/promises'
import { FakeClock } from './fake-clock.ts'

/** A clock on which no wait takes any real time: once nothing else happens, it moves to the end of the next wait. */
export class FlyingClock extends FakeClock {
  /** How many times as long as asked for each wait takes by this clock: the fewer tries until a deadline. */
  pace = 1
  #isFlying = false

  override sleep(ms: number, signal?: AbortSignal, { ref = true } = {}): Promise<void> {
    return super.sleep(ref ? ms * this.pace : ms, signal, { ref })
  }

  protected override slept(): void {
    if (!this.#isFlying) void this.#fly()
  }

  async #fly(): Promise<void> {
    this.#isFlying = true
    await turn()
    while (this.isAwaited) await this.wakeNext()
    this.#isFlying = false
  }
}
