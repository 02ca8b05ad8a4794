import { buffer } from 'node:stream/consumers'
import type { BeltError } from '../../src/errors.ts'
import { closed, denied, HostError, interrupted } from '../../src/hosts/errors.ts'
import type {
  Exit,
  Host,
  Result,
  RunOptions,
  StreamOptions,
  Streams,
  UploadOptions,
} from '../../src/hosts/host.ts'
import { type Command, commandLine, type Need, type ProcessCommand } from '../../src/remote/command.ts'
import { httpRequest } from '../../src/remote/engine.ts'

/** How a fake host answers a command: what is left out is empty, or 0. */
export interface Reply {
  code?: number
  stdout?: string | Buffer
  stderr?: string
  /** The command goes on until something stops it. */
  hangs?: boolean
}

/**
 * Answers a command line, with what it read on standard input, or with the HTTP request to its engine; undefined: there
 * is no such program.
 */
export type Responder = (line: string, stdin: Buffer, command: Command) => Reply | Promise<Reply> | undefined

const RUN_TIMEOUT_MS = 60_000

/** A host without a network: a function answers its commands, and its files are a map. */
export class FakeHost implements Host {
  readonly name: string
  /** Every command line that reached the host, in order. */
  readonly lines: string[] = []
  /** What its engine was asked, in order: `GET /nodes`. */
  readonly requests: string[] = []
  readonly files = new Map<string, { content: string; mode: number }>()
  /** Set: nothing reaches the host, for this reason. */
  down: HostError | undefined
  isClosed = false
  readonly #respond: Responder
  readonly #refusals: { [need in Need]?: BeltError } = {}
  readonly #hanging = new Set<AbortController>()

  constructor(name: string, respond: Responder = () => undefined) {
    this.name = name
    this.#respond = respond
  }

  async run(command: Command, options: RunOptions = {}): Promise<Result> {
    const start = performance.now()
    const reply = await this.#reply(command, Buffer.alloc(0), { timeoutMs: RUN_TIMEOUT_MS, ...options })
    const max = options.maxOutputBytes ?? Number.POSITIVE_INFINITY
    const stdout = bytesOf(reply.stdout)
    const stderr = bytesOf(reply.stderr)
    return {
      code: reply.code ?? 0,
      stdout: stdout.subarray(0, max).toString(),
      stderr: stderr.subarray(0, max).toString(),
      durationMs: performance.now() - start,
      truncated: stdout.length > max || stderr.length > max,
    }
  }

  async stream(command: ProcessCommand, streams: Streams, options: StreamOptions = {}): Promise<Exit> {
    const stdin = streams.stdin ? await buffer(streams.stdin) : Buffer.alloc(0)
    const reply = await this.#reply(command, stdin, options)
    if (reply.stdout) streams.stdout.write(reply.stdout)
    if (reply.stderr) streams.stderr.write(reply.stderr)
    return { code: reply.code ?? 0 }
  }

  shell(streams: Streams, options?: StreamOptions): Promise<Exit> {
    return this.stream({ shell: 'login shell' }, streams, options)
  }

  async upload(
    content: string | Uint8Array,
    path: string,
    mode: number,
    { needs }: UploadOptions = {},
  ): Promise<void> {
    if (this.down) throw this.down
    if (needs) await this.assertMay(needs)
    this.files.set(path, { content: Buffer.from(content).toString(), mode })
  }

  /** Denies its user, who is called ops, what a command may need. */
  deny(need: Need): void {
    const said = 'sudo: a password is required'
    this.#refusals[need] = denied({ name: this.name, user: 'ops', said }, need)
  }

  async assertMay(need: Need): Promise<void> {
    if (this.down) throw this.down
    const refusal = this.#refusals[need]
    if (refusal) throw refusal
  }

  close(): void {
    this.isClosed = true
    for (const controller of this.#hanging) controller.abort(closed(this.name))
  }

  async #reply(command: Command, stdin: Buffer, options: StreamOptions): Promise<Reply> {
    if (this.down) throw this.down
    if (options.signal?.aborted) throw interrupted(this.name)
    const line = commandLine(command)
    this.lines.push(line)
    const refusal = command.engine ? this.#refusals.engine : command.needs && this.#refusals[command.needs]
    if (refusal) throw refusal
    if (command.engine) this.requests.push(`${command.engine.method} ${command.engine.path}`)
    const own = command.engine ? httpRequest(command.engine) : (command.stdin ?? '')
    const input = Buffer.concat([Buffer.from(own), stdin])
    const reply = await this.#respond(line, input, command)
    if (reply?.hangs) return this.#hang(options)
    options.onStart?.(() => {})
    return reply ?? { code: 127, stderr: `sh: ${line.split(' ')[0]}: not found\n` }
  }

  #hang({ timeoutMs, signal, onStart }: StreamOptions): Promise<Reply> {
    const closing = new AbortController()
    this.#hanging.add(closing)
    return new Promise<Reply>((resolve, reject) => {
      const timer =
        timeoutMs && setTimeout(() => reject(new HostError('timeout', this.name, 'timeout')), timeoutMs)
      signal?.addEventListener('abort', () => reject(interrupted(this.name)))
      closing.signal.addEventListener('abort', () => {
        clearTimeout(timer)
        reject(closing.signal.reason)
      })
      onStart?.(name => resolve({ code: name === 'INT' ? 130 : 143 }))
    }).finally(() => this.#hanging.delete(closing))
  }
}

/** A command that reads `input` instead of what it came with; a request to the engine stays as it is. */
export function withInput(command: Command, input: Buffer): Command {
  return command.engine ? command : { ...command, stdin: input }
}

function bytesOf(output: string | Buffer = ''): Buffer {
  return typeof output === 'string' ? Buffer.from(output) : output
}
