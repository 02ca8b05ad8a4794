import { closed, type HostError } from '../errors.ts'
import type { Connection } from './connection.ts'
import { orAborted } from './limit.ts'

/** A shared connection, opened at its first use. If it has ended, the next use opens a new one. */
export class ConnectionSlot {
  readonly #connect: (signal: AbortSignal) => Promise<Connection>
  #open: Connection | undefined
  #current: { readonly connection: Promise<Connection>; close(reason: HostError): void } | undefined

  constructor(connect: (signal: AbortSignal) => Promise<Connection>) {
    this.#connect = connect
  }

  get(): Promise<Connection> {
    this.#current ??= this.#start()
    return this.#current.connection
  }

  /** Whether a connection is open. */
  get isOpen(): boolean {
    return this.#open !== undefined
  }

  /** Opens a session for the next command, if a connection is open. */
  async prepare(): Promise<void> {
    await this.#open?.prepare()
  }

  /** Whether a session is ready for a command. */
  get isReady(): boolean {
    return this.#open?.isReady === true
  }

  /** Closes the open connection if it does not answer within the time. */
  async check(withinMs: number): Promise<void> {
    const connection = this.#open
    if (!connection || (await connection.answers(withinMs)) || this.#open !== connection) return
    this.close(closed(connection.target.name))
  }

  /** @param reason the error for callers that are waiting for the connection */
  close(reason: HostError): void {
    this.#current?.close(reason)
    this.#current = undefined
    this.#open = undefined
  }

  #start() {
    const stop = new AbortController()
    const forget = () => {
      if (this.#current !== current) return
      this.#current = undefined
      this.#open = undefined
    }
    const opening = this.#connect(stop.signal).then(connection => {
      current.close = reason => connection.close(reason)
      connection.onEnd(forget)
      if (stop.signal.aborted) connection.close(stop.signal.reason)
      else if (this.#current === current) this.#open = connection
      return connection
    })
    const current = {
      connection: orAborted(opening, stop.signal),
      close: (reason: HostError) => stop.abort(reason),
    }
    current.connection.catch(forget)
    return current
  }
}
