import { Transform, type TransformCallback } from 'node:stream'
import { commandLine, type ProcessCommand } from '../../remote/command.ts'
import { newWord } from './ready-session.ts'

/**
 * A command line that tells its process id before anything else, as one line on standard error: sshd ignores the
 * protocol's own signal requests for root, so a signal has to be sent with `kill`. The line is for a POSIX shell.
 */
export function announced(command: ProcessCommand): { line: string; announcement: Announcement } {
  const word = newWord()
  return {
    line: `printf '%s %s\\n' ${word} "$$" >&2; ${remoteLine(command)}`,
    announcement: new Announcement(word),
  }
}

/**
 * The line that a session runs. `exec` makes the program itself, not a shell around it, receive signals and give the
 * exit code.
 */
export function remoteLine(command: ProcessCommand): string {
  return command.argv ? `exec ${commandLine(command)}` : command.shell
}

/** sshd makes each session the leader of a process group of that id; other servers may not. */
export function killLine(signal: string, pid: number): string {
  return `kill -${signal} -- -${pid} 2>/dev/null || kill -${signal} ${pid}`
}

/** Takes the announced process id out of standard error and lets all other bytes pass as they come. */
export class Announcement extends Transform {
  /** Resolves with undefined when the stream ends without an announcement. */
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

  /** @returns the bytes that are surely not part of the announcement; the rest is held back */
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

/** Where `word` begins in `bytes`, or where its beginning does at their end, or their length. */
function startOf(word: Buffer, bytes: Buffer): number {
  const whole = bytes.indexOf(word)
  if (whole >= 0) return whole
  for (let start = Math.max(0, bytes.length - word.length + 1); start < bytes.length; start++)
    if (word.subarray(0, bytes.length - start).equals(bytes.subarray(start))) return start
  return bytes.length
}
