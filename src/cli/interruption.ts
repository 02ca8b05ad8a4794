import { BeltError, ExitCode } from '../errors.ts'

export type InterruptSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

/**
 * What Ctrl-C and its like do: the first aborts `signal`, so that operations stop where that is safe and say what
 * exists now; another one ends the process at once. A remote command in the foreground may take the first for itself.
 */
export class Interruption {
  readonly #controller = new AbortController()
  #takeFirst: ((name: InterruptSignal) => void) | undefined

  constructor() {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => this.#receive(name))
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Hands the next signal to `take` instead of aborting; the one after it aborts again. */
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
