import type { Driver, Machine } from '../drivers/driver.ts'
import { type Progress, silentProgress, whileSlow } from '../progress.ts'

/**
 * The machines of a cluster, listed once per phase of a command and then remembered. Whoever knows that the machines may
 * have changed says so with `forget`: after a wait for the lock, after a question to the user, and after machines were
 * created, destroyed, started, stopped or resized. A wait that polls asks the driver itself.
 */
export class MachineList {
  readonly #driver: Driver
  readonly #progress: Progress
  #listed: Promise<readonly Machine[]> | undefined

  constructor(driver: Driver, progress: Progress = silentProgress) {
    this.#driver = driver
    this.#progress = progress
  }

  /** The machines as listed in this phase. A list that failed is not remembered. */
  async list(signal?: AbortSignal): Promise<readonly Machine[]> {
    const listed =
      this.#listed ?? whileSlow(this.#progress, 'Listing machines', () => this.#driver.list({ signal }))
    this.#listed = listed
    try {
      return await listed
    } catch (error) {
      if (this.#listed === listed) this.#listed = undefined
      throw error
    }
  }

  /** Ends the phase: the next `list` asks the driver again. */
  forget(): void {
    this.#listed = undefined
  }
}
