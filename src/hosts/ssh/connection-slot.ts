import type { Connection } from './connection.ts'
import { orAborted } from './limit.ts'

/** One connection that is opened at first use, shared, and opened anew by the next use after it ended. */
export class ConnectionSlot {
  readonly #open: (signal: AbortSignal) => Promise<Connection>
  #current: { readonly connection: Promise<Connection>; close(reason: Error): void } | undefined

  constructor(open: (signal: AbortSignal) => Promise<Connection>) {
    this.#open = open
  }

  get(): Promise<Connection> {
    this.#current ??= this.#start()
    return this.#current.connection
  }

  /** @param reason what those get who wait for the connection */
  close(reason: Error): void {
    this.#current?.close(reason)
    this.#current = undefined
  }

  #start() {
    const stop = new AbortController()
    const forget = () => {
      if (this.#current === current) this.#current = undefined
    }
    const opening = this.#open(stop.signal).then(connection => {
      stop.signal.addEventListener('abort', () => connection.close())
      connection.ended.addEventListener('abort', forget)
      if (stop.signal.aborted) connection.close()
      return connection
    })
    const current = {
      connection: orAborted(opening, stop.signal),
      close: (reason: Error) => stop.abort(reason),
    }
    current.connection.catch(forget)
    return current
  }
}
