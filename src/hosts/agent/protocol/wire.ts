import type { Socket } from 'node:net'
import { encode, type Frame, FrameReader, Kind } from './frames.ts'

/** One end of a connection between a command and Belt's agent. */
export class Wire {
  readonly #socket: Socket
  #corked = false
  #pings = 0

  /** @param onEnd called once, when the connection has closed */
  constructor(socket: Socket, onFrame: (frame: Frame) => void, onEnd: () => void) {
    this.#socket = socket
    const reader = new FrameReader()
    socket.on('data', chunk => {
      this.#pings = 0
      try {
        for (const frame of reader.read(chunk)) onFrame(frame)
      } catch {
        socket.destroy() // the other end does not speak this protocol
      }
    })
    socket.on('error', () => {}) // a close follows
    socket.on('close', onEnd)
  }

  /** Sends a frame. The frames of one turn of the event loop are sent together. */
  send(kind: Kind, call: number, payload?: Uint8Array): void {
    if (!this.#socket.writable) return
    if (!this.#corked) {
      this.#corked = true
      this.#socket.cork()
      setImmediate(() => {
        this.#corked = false
        this.#socket.uncork()
      })
    }
    for (const piece of encode(kind, call, payload)) this.#socket.write(piece)
  }

  /** Checks that the other end still answers. */
  ping(): void {
    this.#pings += 1
    this.send(Kind.ping, 0)
  }

  /** How many pings were sent since the last bytes arrived. */
  get unanswered(): number {
    return this.#pings
  }

  get isOpen(): boolean {
    return this.#socket.writable
  }

  /** Ends after the frames that were sent. */
  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Whether the open connection keeps the process running. */
  hold(isBusy: boolean): void {
    if (isBusy) this.#socket.ref()
    else this.#socket.unref()
  }
}
