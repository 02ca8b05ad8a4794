import type { Socket } from 'node:net'
import { encode, type Frame, FrameReader, Kind } from './frames.ts'

/** One end of a connection between a command and Belt's agent. */
export class Wire {
  readonly #socket: Socket
  #corked = false
  #pings = 0

  /** @param onEnd called once, when nothing more comes */
  constructor(socket: Socket, onFrame: (frame: Frame) => void, onEnd: () => void) {
    this.#socket = socket
    const reader = new FrameReader()
    socket.on('data', chunk => {
      this.#pings = 0
      try {
        for (const frame of reader.read(chunk)) onFrame(frame)
      } catch {
        socket.destroy() // an end that does not speak this protocol
      }
    })
    socket.on('error', () => {}) // the close that follows tells enough
    socket.on('close', onEnd)
  }

  /** Sends a frame; those of one turn of the event loop leave together. */
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

  /** Asks for a sign of life. */
  ping(): void {
    this.#pings += 1
    this.send(Kind.ping, 0)
  }

  /** How often it was asked for a sign of life since the last bytes came. */
  get unanswered(): number {
    return this.#pings
  }

  get isOpen(): boolean {
    return this.#socket.writable
  }

  /** Ends after what was sent. */
  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Lets the process end although the connection is open, or keeps it from ending. */
  hold(isBusy: boolean): void {
    if (isBusy) this.#socket.ref()
    else this.#socket.unref()
  }
}
