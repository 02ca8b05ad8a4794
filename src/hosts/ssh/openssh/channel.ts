import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { Duplex, type Readable } from 'node:stream'

/** ssh ends with this code if it fails itself; a program on the host may end with it too. */
export const SSH_FAILED = 255

/** A program on a host, run by a process of ssh, with what Belt uses of ssh2's channels. */
export class ProcessChannel extends Duplex {
  readonly stderr: Readable
  readonly incoming = { state: 'open' }
  readonly #child: ChildProcessWithoutNullStreams

  /** @param isHostGone asked when ssh fails: whether its connection is lost, so that the end was not seen */
  constructor(child: ChildProcessWithoutNullStreams, isHostGone: () => Promise<boolean>) {
    super({ emitClose: false, autoDestroy: false })
    this.stderr = child.stderr
    this.#child = child
    child.stdin.on('error', () => {})
    child.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause()
    })
    child.stdout.on('end', () => this.push(null))
    child.on('close', async code => {
      const unseen = code === null || (code === SSH_FAILED && (await isHostGone()))
      this.incoming.state = 'closed'
      this.emit('close', ...(unseen ? [] : [code]))
    })
  }

  override _read(): void {
    this.#child.stdout.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    const { stdin } = this.#child
    // A program that ends early leaves its input unread, which is no failure.
    if (stdin.destroyed) callback()
    else stdin.write(chunk, () => callback())
  }

  override _final(callback: () => void): void {
    this.#child.stdin.end()
    callback()
  }

  /** Ends the process, which closes the channel on the host. */
  close(): void {
    this.#child.kill('SIGTERM')
  }

  /** A terminal keeps the size that it began with: ssh takes the size of its own terminal, and has none. */
  setWindow(): void {}
}
