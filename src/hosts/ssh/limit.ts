import { setMaxListeners } from 'node:events'

/** Combines several reasons to stop, each with its own error, into one abort signal. */
export class Limit {
  readonly #controller = new AbortController()
  readonly #undo: (() => void)[] = []

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  stop(reason: unknown): void {
    this.#controller.abort(reason)
  }

  /** Stops when `signal` is aborted, with `reason` or, by default, the signal's reason. */
  follow(signal: AbortSignal | undefined, reason?: () => Error): void {
    if (!signal) return
    const stop = () => this.stop(reason?.() ?? signal.reason)
    if (signal.aborted) stop()
    setMaxListeners(0, signal) // hundreds of hosts may follow the same one
    signal.addEventListener('abort', stop)
    this.#undo.push(() => signal.removeEventListener('abort', stop))
  }

  /** Stops after the time. @returns a function that cancels this */
  after(timeoutMs: number, reason: () => Error): () => void {
    const timer = setTimeout(() => this.stop(reason()), timeoutMs)
    const undo = () => clearTimeout(timer)
    this.#undo.push(undo)
    return undo
  }

  /** Cancels the timers and stops following the signals. */
  release(): void {
    for (const undo of this.#undo.splice(0)) undo()
  }
}

/** Settles as `promise` does, or rejects with the signal's reason as soon as it is aborted. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
