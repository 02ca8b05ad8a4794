import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { Duplex, type Readable } from 'node:stream'

/** ssh ends with this code if it fails itself; a program on the host may end with it too. */
export const SSH_FAILED = 255

/** A program on a host, run by a process of ssh, with what Belt uses of ssh2's channels. */
export class ProcessChannel extends Duplex {
  readonly stderr: Readable
  readonly incoming = { state: 'open' }
  readonly #process: ChildProcessWithoutNullStreams

  /** @param isHostGone asked when ssh fails: whether its connection is lost, so that the end was not seen */
  constructor(process: ChildProcessWithoutNullStreams, isHostGone: () => Promise<boolean>) {
    super({ emitClose: false, autoDestroy: false })
    this.stderr = process.stderr
    this.#process = process
    process.stdin.on('error', () => {})
    process.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) process.stdout.pause()
    })
    process.stdout.on('end', () => this.push(null))
    process.on('close', async code => {
      const unseen = code === null || (code === SSH_FAILED && (await isHostGone()))
      this.incoming.state = 'closed'
      this.emit('close', ...(unseen ? [] : [code]))
    })
  }

  override _read(): void {
    this.#process.stdout.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    const { stdin } = this.#process
    // A program that ends early leaves its input unread, which is no failure.
    if (stdin.destroyed) callback()
    else stdin.write(chunk, () => callback())
  }

  override _final(callback: () => void): void {
    this.#process.stdin.end()
    callback()
  }

  /** Ends the process, which closes the channel on the host. */
  close(): void {
    this.#process.kill('SIGTERM')
  }

  /** A terminal keeps the size that it began with: ssh takes the size of its own terminal, and has none. */
  setWindow(): void {}
}
