import { BeltError, ExitCode } from '../errors.ts'

export type InterruptSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

/**
 * Handles Ctrl-C and other interrupts. The first one aborts `signal`, so that operations stop where it is safe and report
 * what exists now. The second one ends the process at once. A remote command in the foreground can take the first one.
 */
export class Interruption {
  readonly #controller = new AbortController()
  #takeFirst: ((name: InterruptSignal) => void) | undefined

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Handles interrupts of this process from now on. To be called once. */
  listen(): void {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => this.#receive(name))
  }

  /** Passes the next interrupt to `take` instead of aborting. Later ones abort again. */
  handNextTo(take: (name: InterruptSignal) => void): void {
    this.#takeFirst = take
  }

  #receive(name: InterruptSignal): void {
    const take = this.#takeFirst
    this.#takeFirst = undefined
    if (take) take(name)
    else if (this.signal.aborted) process.exit(ExitCode.interrupted)
    else
      this.#controller.abort(new BeltError('interrupted', 'interrupted', { exitCode: ExitCode.interrupted }))
  }
}

/** The interrupts of this process. */
export const interruption = new Interruption()
