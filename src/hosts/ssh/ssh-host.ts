import { inSeconds } from '../../domain/duration.ts'
import { type Command, commandLine, type Need, type ProcessCommand } from '../../remote/command.ts'
import { Collector } from '../collector.ts'
import { closed, HostError, interrupted } from '../errors.ts'
import { writeFailure } from '../file-failure.ts'
import type {
  Exit,
  Host,
  HostAddress,
  PtyRequest,
  Result,
  RunOptions,
  StreamOptions,
  Streams,
  UploadOptions,
} from '../host.ts'
import type { Slot } from '../slots.ts'
import type { Connection } from './connection.ts'
import type { ConnectionBudget } from './connection-budget.ts'
import { ConnectionSlot } from './connection-slot.ts'
import type { Connector } from './connector.ts'
import { Limit, orAborted } from './limit.ts'
import { isRoot, wayTo } from './rights.ts'
import { requestOfEngine, runCommand, runShell } from './session.ts'
import { uploadCommand } from './upload.ts'

/** The default deadline of `run`, counted from the open connection. Connecting has its own deadline. */
const RUN_TIMEOUT_MS = 60_000
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024

interface Task {
  /** The command, as messages show it. */
  readonly what: string
  readonly options: StreamOptions
  readonly defaultTimeoutMs?: number
}

/** A host reached with ssh2. */
export class SshHost implements Host {
  readonly name: string
  readonly #address: HostAddress
  readonly #slot: ConnectionSlot
  readonly #budget: ConnectionBudget
  #tasks = 0
  #lastFailure: HostError | undefined

  constructor(address: HostAddress, connector: Pick<Connector, 'connect'>, budget: ConnectionBudget) {
    this.name = address.name
    this.#address = address
    this.#budget = budget
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
      command.engine
        ? requestOfEngine(connection, command.engine, { stdout, stderr }, { limit })
        : runCommand(connection, command, { stdout, stderr }, { limit }),
    )
    return {
      ...exit,
      stdout: stdout.text(),
      stderr: stderr.text(),
      durationMs: performance.now() - start,
      truncated: stdout.truncated || stderr.truncated,
    }
  }

  stream(command: ProcessCommand, streams: Streams, options: StreamOptions = {}): Promise<Exit> {
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
    { needs, ...options }: UploadOptions = {},
  ): Promise<void> {
    const result = await this.run(uploadCommand(Buffer.from(content), path, mode, needs), options)
    if (result.code !== 0) throw writeFailure(this.name, path, result)
  }

  async assertMay(need: Need, options: RunOptions = {}): Promise<void> {
    if (isRoot(this.#address)) return
    const task = { what: 'the check of rights', options, defaultTimeoutMs: RUN_TIMEOUT_MS }
    await this.#within(task, (connection, limit) => wayTo(connection, need, limit.signal))
  }

  /** Whether the connection is open. */
  get isConnected(): boolean {
    return this.#slot.isOpen
  }

  /** Closes an open connection that does not answer within the time; the next command opens a new one. */
  check(withinMs: number): Promise<void> {
    return this.#slot.check(withinMs)
  }

  /** Opens a session for the next command, if the connection is open, so that the command starts sooner. */
  prepare(): Promise<void> {
    return this.#slot.prepare()
  }

  /** Whether a session is ready for a command. */
  get isReady(): boolean {
    return this.#slot.isReady
  }

  close(): void {
    this.#slot.close(closed(this.name))
  }

  /** Does `work` on the open connection, until the deadline or the signal. */
  async #within<T>(task: Task, work: (connection: Connection, limit: Limit) => Promise<T>): Promise<T> {
    const { options, defaultTimeoutMs } = task
    const limit = new Limit()
    limit.follow(options.signal, () => interrupted(this.name))
    let connected = false
    const deadline = (timeoutMs: number) =>
      limit.after(timeoutMs, () =>
        connected ? this.#timeout(task, timeoutMs) : this.#notConnected(timeoutMs),
      )
    try {
      if (this.#tasks++ === 0) this.#budget.use(this)
      limit.signal.throwIfAborted()
      const { timeoutMs, slot } = options
      const stopClock = timeoutMs === undefined ? undefined : deadline(timeoutMs)
      const connection = await orAborted(this.#connection(slot), limit.signal)
      connected = true
      if (slot?.isReleased) {
        stopClock?.()
        await orAborted(slot.reacquire(), limit.signal)
        if (timeoutMs !== undefined) deadline(timeoutMs)
      }
      if (timeoutMs === undefined && defaultTimeoutMs !== undefined) deadline(defaultTimeoutMs)
      return await work(connection, limit)
    } finally {
      limit.release()
      if (--this.#tasks === 0) this.#budget.release(this)
    }
  }

  #connection(slot: Slot | undefined): Promise<Connection> {
    const connection = this.#slot.get()
    return slot && !this.isConnected ? slot.connecting(connection) : connection
  }

  #timeout({ what }: Task, timeoutMs: number): HostError {
    const message = `${this.name} did not finish within ${inSeconds(timeoutMs)}: ${what}`
    return new HostError('timeout', this.name, message, {
      hint: 'Belt stopped it: check the host before you run it again, or allow more time with --timeout',
      details: { command: what, timeoutMs },
    })
  }

  #notConnected(timeoutMs: number): HostError {
    const last = this.#lastFailure
    const message = `could not connect to ${this.name} within ${inSeconds(timeoutMs)}`
    return new HostError(
      last?.failure ?? 'unreachable',
      this.name,
      last ? `${message}: ${last.message}` : message,
      {
        hint: last?.hint ?? 'Check that the machine is running, or allow more time with --timeout',
        cause: last,
      },
    )
  }
}
