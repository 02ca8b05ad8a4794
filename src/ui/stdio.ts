import { shownColored } from '../domain/shown.ts'
import type { Progress } from '../progress.ts'
import { write } from './output.ts'
import { openProgress, type ProgressDisplay } from './progress.ts'

export type ProcessStreams = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>

/** The size to assume for a terminal that reports 0, such as a serial console. */
const DEFAULT_SIZE = { columns: 80, rows: 24 }

/**
 * The streams of this process. All of Belt's output goes through this class, so that progress is never drawn over it.
 * Writes stay in order. Callers need to wait for a write only if they write more than fits into memory. Control characters
 * are written as escapes, whoever forgot them, except in the outputs of programs.
 */
export class Stdio {
  readonly #streams: ProcessStreams
  readonly #display: ProgressDisplay

  constructor(streams: ProcessStreams) {
    assumeSize(streams.stdout)
    assumeSize(streams.stderr)
    this.#streams = streams
    this.#display = openProgress(streams.stderr)
  }

  get progress(): Progress {
    return this.#display
  }

  /** Whether results go to a terminal. */
  get stdout(): { readonly isTTY: boolean } {
    return { isTTY: this.#streams.stdout.isTTY === true }
  }

  /** Whether messages go to a terminal. */
  get stderr(): { readonly isTTY: boolean } {
    return { isTTY: this.#streams.stderr.isTTY === true }
  }

  /** The width of the terminal that results go to; undefined if they go elsewhere. */
  get columns(): number | undefined {
    return this.stdout.isTTY ? this.#streams.stdout.columns : undefined
  }

  /** Whether somebody can answer questions. */
  get canAsk(): boolean {
    return this.#streams.stdin.isTTY === true && this.stderr.isTTY
  }

  /** Writes a result to stdout. Resolves when stdout can take more. */
  print(text: string): Promise<void> {
    return this.#write(this.#streams.stdout, shownColored(text))
  }

  /** Writes the outputs of programs to stdout as they are. On a terminal, the caller has made them harmless. */
  printOutput(text: string): Promise<void> {
    return this.#write(this.#streams.stdout, text)
  }

  /** Writes an error, a warning or a summary to stderr. Resolves when stderr can take more. */
  report(text: string): Promise<void> {
    return this.#write(this.#streams.stderr, shownColored(text))
  }

  /** Asks a question on the terminal. Nothing else is drawn or written until it is answered. */
  ask<T>(question: (terminal: { output: NodeJS.WriteStream }) => Promise<T>): Promise<T> {
    return this.#display.hold(() => question({ output: this.#streams.stderr }))
  }

  /** The streams themselves, for programs whose output passes through. Resolves when nothing is drawn. */
  async passThrough(): Promise<ProcessStreams> {
    await this.settled()
    const { stdin, stdout, stderr } = this.#streams
    return { stdin, stdout, stderr }
  }

  /** Resolves when nothing is drawn and everything has been written. */
  settled(): Promise<void> {
    return new Promise(resolve => this.#display.write(resolve))
  }

  /** Marks running work as failed, because the command ends. */
  stop(): void {
    this.#display.stop()
  }

  #write(stream: NodeJS.WritableStream, text: string): Promise<void> {
    return new Promise(resolve => this.#display.write(() => void write(stream, text).then(resolve)))
  }
}

function assumeSize(stream: NodeJS.WriteStream): void {
  if (!stream.isTTY) return
  const assume = () => {
    stream.columns ||= DEFAULT_SIZE.columns
    stream.rows ||= DEFAULT_SIZE.rows
  }
  assume()
  stream.on('resize', assume)
}

export const stdio = new Stdio(process)
