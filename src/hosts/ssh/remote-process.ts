import { Transform, type TransformCallback } from 'node:stream'
import { commandLine, type ProcessCommand } from '../../remote/command.ts'
import { newWord } from './ready-session.ts'

/**
 * A command line for a POSIX shell that first prints its process id as one line on standard error. The id is needed to
 * send signals with `kill`, because sshd ignores the protocol's signal requests for root.
 */
export function announced(command: ProcessCommand): { line: string; announcement: Announcement } {
  const word = newWord()
  return {
    line: `printf '%s %s\\n' ${word} "$$" >&2; ${remoteLine(command)}`,
    announcement: new Announcement(word),
  }
}

/**
 * The line that a session runs. With `exec`, the program itself receives signals and sets the exit code, instead of a
 * shell around it.
 */
export function remoteLine(command: ProcessCommand): string {
  return command.argv ? `exec ${commandLine(command)}` : command.shell
}

/** With sshd, each session leads a process group with its process id; with other servers it may not. */
export function killLine(signal: string, pid: number): string {
  return `kill -${signal} -- -${pid} 2>/dev/null || kill -${signal} ${pid}`
}

/** Removes the announced process id from standard error and passes all other bytes on at once. */
export class Announcement extends Transform {
  /** The process id; undefined if the stream ends without an announcement. */
  readonly pid: Promise<number | undefined>
  readonly #word: Buffer
  #held: Buffer = Buffer.alloc(0)
  #found = false
  #resolve: (pid: number | undefined) => void = () => {}

  constructor(word: string) {
    super()
    this.#word = Buffer.from(`${word} `)
    this.pid = new Promise(resolve => {
      this.#resolve = resolve
    })
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    callback(null, this.#found ? chunk : this.#search(Buffer.concat([this.#held, chunk])))
  }

  override _flush(callback: TransformCallback): void {
    this.#resolve(undefined)
    callback(null, this.#held)
  }

  /** @returns the bytes that cannot be part of the announcement; keeps the rest */
  #search(bytes: Buffer): Buffer {
    const start = startOf(this.#word, bytes)
    const end = bytes.indexOf('\n', start + this.#word.length)
    if (end < 0) {
      this.#held = bytes.subarray(start)
      return bytes.subarray(0, start)
    }
    this.#found = true
    this.#held = Buffer.alloc(0)
    this.#resolve(Number(bytes.toString('latin1', start + this.#word.length, end)))
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end + 1)])
  }
}

/** The position of `word` in `bytes`, or else of a prefix of it at the end, or else the length of `bytes`. */
function startOf(word: Buffer, bytes: Buffer): number {
  const whole = bytes.indexOf(word)
  if (whole >= 0) return whole
  for (let start = Math.max(0, bytes.length - word.length + 1); start < bytes.length; start++)
    if (word.subarray(0, bytes.length - start).equals(bytes.subarray(start))) return start
  return bytes.length
}
