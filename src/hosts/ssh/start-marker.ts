import { Transform, type TransformCallback } from 'node:stream'
import type { ClientChannel } from 'ssh2'

/** Process ids have fewer digits everywhere, and a carriage return may follow on a terminal. */
const MOST_AFTER_WORD = 16
/** How much of what precedes the marker is kept for the message that there is none. */
const MOST_SAID_BYTES = 2048

/** What happens to what precedes the marker: an rc file or the login shell printed it. */
type Before = 'drop' | 'pass'

/**
 * Proves that a command ran: the first thing that its script prints, on both outputs, is a line of a word that nobody else
 * knows and the process id. A session without it ran something else, whatever its exit code says.
 */
export class StartMarker {
  readonly stdout: MarkerFilter
  readonly stderr: MarkerFilter
  /** The process id; undefined if both outputs ended without a marker. */
  readonly pid: Promise<number | undefined>
  #closed: Promise<Close> = new Promise(() => {})

  /**
   * What precedes the marker on stdout is no answer of the command and dropped. On stderr, and on a terminal, it is for
   * people, who see it as with ssh.
   */
  constructor(word: string, beforeStdout: Before = 'drop') {
    this.stdout = new MarkerFilter(word, beforeStdout)
    this.stderr = new MarkerFilter(word, 'pass')
    this.pid = Promise.any([this.stdout.pid, this.stderr.pid]).catch(() => undefined)
  }

  /** How the channel was closed. */
  get closed(): Promise<Close> {
    return this.#closed
  }

  /** Takes over the outputs of a channel. It may close as soon as they were read, before anybody waits for its end. */
  readFrom(channel: ClientChannel): void {
    this.#closed = closing(channel)
    channel.pipe(this.stdout)
    channel.stderr.pipe(this.stderr)
  }
}

type Close = [code?: number | null, signal?: string]

/** When a channel closes, ssh2 repeats the exit: a number, or null and the signal, or nothing. */
export function closing(channel: ClientChannel): Promise<Close> {
  return new Promise(resolve => {
    channel.once('close', (...exit: Close) => resolve(exit))
  })
}

/** Removes the marker from an output, and passes everything behind it on unchanged. */
export class MarkerFilter extends Transform {
  /** Rejects if the output ends without the marker. */
  readonly pid: Promise<number>
  hasMarker = false
  readonly #word: Buffer
  readonly #before: Before
  #held: Buffer = Buffer.alloc(0)
  #said: Buffer = Buffer.alloc(0)
  #resolve: (pid: number) => void = () => {}
  #reject: (reason: Error) => void = () => {}

  constructor(word: string, before: Before) {
    super()
    this.#word = Buffer.from(`${word} `)
    this.#before = before
    this.pid = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.pid.catch(() => {})
  }

  /** The first bytes of what preceded the marker. */
  get said(): string {
    return this.#said.toString('utf8').trim()
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    callback(null, this.hasMarker ? chunk : this.#search(Buffer.concat([this.#held, chunk])))
  }

  override _flush(callback: TransformCallback): void {
    const rest = this.hasMarker ? this.#held : this.#preceding(this.#held)
    // Once it has resolved, this changes nothing.
    this.#reject(new Error('the output has no marker'))
    callback(null, rest)
  }

  /** @returns what can be passed on. Holds back only what may be the beginning of the marker: some 60 bytes. */
  #search(bytes: Buffer): Buffer {
    let start = startOf(this.#word, bytes, 0)
    for (; start + this.#word.length <= bytes.length; start = startOf(this.#word, bytes, start + 1)) {
      const behind = start + this.#word.length
      const rest = bytes.toString('latin1', behind, behind + MOST_AFTER_WORD)
      const [line, pid] = /^(\d+)\r?\n/.exec(rest) ?? []
      if (line !== undefined) return this.#found(bytes, start, behind + line.length, Number(pid))
      if (rest.length < MOST_AFTER_WORD && /^\d*\r?$/.test(rest)) break
    }
    this.#held = bytes.subarray(start)
    return this.#preceding(bytes.subarray(0, start))
  }

  #found(bytes: Buffer, start: number, end: number, pid: number): Buffer {
    this.hasMarker = true
    this.#held = Buffer.alloc(0)
    this.#resolve(pid)
    const rest = bytes.subarray(end)
    const preceding = this.#preceding(bytes.subarray(0, start))
    return preceding.length === 0 ? rest : Buffer.concat([preceding, rest])
  }

  #preceding(bytes: Buffer): Buffer {
    const room = MOST_SAID_BYTES - this.#said.length
    if (room > 0) this.#said = Buffer.concat([this.#said, bytes.subarray(0, room)])
    return this.#before === 'pass' ? bytes : Buffer.alloc(0)
  }
}

/** The position of `word` in `bytes` from `from` on, or of a prefix of it at the end, or else the length of `bytes`. */
function startOf(word: Buffer, bytes: Buffer, from: number): number {
  const whole = bytes.indexOf(word, from)
  if (whole >= 0) return whole
  for (let start = Math.max(from, bytes.length - word.length + 1); start < bytes.length; start++)
    if (word.subarray(0, bytes.length - start).equals(bytes.subarray(start))) return start
  return bytes.length
}
