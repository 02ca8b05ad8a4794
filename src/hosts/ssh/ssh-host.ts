import { type Command, commandLine } from '../../remote/command.ts'
import { closed, HostError, interrupted } from '../errors.ts'
import type {
  Exit,
  Host,
  HostAddress,
  PtyRequest,
  Result,
  RunOptions,
  StreamOptions,
  Streams,
} from '../host.ts'
import { Collector } from './collector.ts'
import type { Connection } from './connection.ts'
import { ConnectionSlot } from './connection-slot.ts'
import type { Connector } from './connector.ts'
import { Limit, orAborted } from './limit.ts'
import { runCommand, runShell } from './session.ts'
import { uploadCommand, uploadFailure } from './upload.ts'

/** The deadline of a command whose output is kept, counted from the open connection, which has its own. */
const RUN_TIMEOUT_MS = 60_000
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024

interface Task {
  /** What runs, in the words of a message. */
  readonly what: string
  readonly options: StreamOptions
  readonly defaultTimeoutMs?: number
}

/** A host reached with ssh2. */
export class SshHost implements Host {
  readonly name: string
  readonly #slot: ConnectionSlot
  #lastFailure: HostError | undefined

  constructor(address: HostAddress, connector: Connector) {
    this.name = address.name
    this.#slot = new ConnectionSlot(signal =>
      connector.connect(address, signal, failure => {
        this.#lastFailure = failure
      }),
    )
  }

  async run(command: Command, options: RunOptions = {}): Promise<Result> {
    const start = performance.now()
    const stdout = new Collector(options.maxOutputBytes ?? MAX_OUTPUT_BYTES)
    const stderr = new Collector(options.maxOutputBytes ?? MAX_OUTPUT_BYTES)
    const task = { what: commandLine(command), options, defaultTimeoutMs: RUN_TIMEOUT_MS }
    const exit = await this.#within(task, (connection, limit) =>
      runCommand(connection, command, { stdout, stderr }, { limit }),
    )
    return {
      ...exit,
      stdout: stdout.text(),
      stderr: stderr.text(),
      durationMs: performance.now() - start,
      truncated: stdout.truncated || stderr.truncated,
    }
  }

  stream(command: Command, streams: Streams, options: StreamOptions = {}): Promise<Exit> {
    return this.#within({ what: commandLine(command), options }, (connection, limit) =>
      runCommand(connection, command, streams, { limit, onStart: options.onStart }),
    )
  }

  shell(streams: Streams & { pty: PtyRequest }, options: StreamOptions = {}): Promise<Exit> {
    return this.#within({ what: 'the shell', options }, (connection, limit) =>
      runShell(connection, streams, { limit, onStart: options.onStart }),
    )
  }

  async upload(
    content: string | Uint8Array,
    path: string,
    mode: number,
    options: RunOptions = {},
  ): Promise<void> {
    const result = await this.run(uploadCommand(Buffer.from(content), path, mode), options)
    if (result.code !== 0) throw uploadFailure(this.name, path, result)
  }

  close(): void {
    this.#slot.close(closed(this.name))
  }

  /** Does `work` on the open connection, within the deadline and until the signal. */
  async #within<T>(task: Task, work: (connection: Connection, limit: Limit) => Promise<T>): Promise<T> {
    const { options, defaultTimeoutMs } = task
    const limit = new Limit()
    limit.follow(options.signal, interrupted(this.name))
    let connected = false
    const deadline = (timeoutMs: number) =>
      limit.after(timeoutMs, () =>
        connected ? this.#timeout(task, timeoutMs) : this.#notConnected(timeoutMs),
      )
    try {
      if (options.timeoutMs !== undefined) deadline(options.timeoutMs)
      const connection = await orAborted(this.#slot.get(), limit.signal)
      connected = true
      if (options.timeoutMs === undefined && defaultTimeoutMs !== undefined) deadline(defaultTimeoutMs)
      return await work(connection, limit)
    } finally {
      limit.release()
    }
  }

  #timeout({ what }: Task, timeoutMs: number): HostError {
    const message = `${this.name} did not finish within ${timeoutMs / 1000} s: ${what}`
    return new HostError('timeout', this.name, message, {
      hint: 'It was told to stop; look at the host before running it again, or give it more time with --timeout',
      details: { command: what, timeoutMs },
    })
  }

  #notConnected(timeoutMs: number): HostError {
    const last = this.#lastFailure
    const message = `no connection to ${this.name} within ${timeoutMs / 1000} s`
    return new HostError(
      last?.failure ?? 'unreachable',
      this.name,
      last ? `${message}: ${last.message}` : message,
      {
        hint: last?.hint ?? 'Check that the machine runs, or give it more time with --timeout',
        cause: last,
      },
    )
  }
}
