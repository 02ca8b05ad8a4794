import { setMaxListeners } from 'node:events'
import { BeltError, reasonOf } from '../../../errors.ts'
import { type Command, commandLine, type Need, type ProcessCommand } from '../../../remote/command.ts'
import { closed, HostError, interrupted } from '../../errors.ts'
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
} from '../../host.ts'
import { encodeCommand, encodeProcess, type HostCall } from '../protocol/calls.ts'
import { Outlet } from '../protocol/flow.ts'
import { Kind, packNumber, unpack } from '../protocol/frames.ts'
import type { AgentClient, Listener, RunningCall } from './agent-client.ts'
import { slotListener } from './slot-listener.ts'

/** How long to wait for the agent to report how an aborted command ended; it needs up to 2 s to end the command. */
const ABORT_MS = 4_000

type Stop = (reason: BeltError) => void

/** A host reached through Belt's agent, over the agent's connection. */
export class AgentHost implements Host {
  readonly name: string
  readonly #address: HostAddress
  readonly #client: AgentClient
  readonly #running = new Set<Stop>()

  constructor(address: HostAddress, client: AgentClient) {
    this.name = address.name
    this.#address = address
    this.#client = client
  }

  async run(command: Command, options: RunOptions = {}): Promise<Result> {
    const { call, stdin } = encodeCommand(command)
    const { maxOutputBytes } = options
    const payload = await this.#call(
      { what: 'run', ...this.#to(options), ...call, ...(maxOutputBytes !== undefined && { maxOutputBytes }) },
      stdin,
      { what: commandLine(command), options },
    )
    const { value, rest } = unpack<Omit<Result, 'stdout' | 'stderr'> & { stdoutBytes: number }>(payload)
    const { stdoutBytes, ...result } = value
    const stdout = rest.toString('utf8', 0, stdoutBytes)
    return { ...result, stdout, stderr: rest.toString('utf8', stdoutBytes) }
  }

  stream(command: ProcessCommand, streams: Streams, options: StreamOptions = {}): Promise<Exit> {
    const { call, stdin } = encodeProcess(command)
    const what = commandLine(command)
    return this.#stream(
      { what: 'stream', ...this.#to(options), ...call, ...ofStreams(streams) },
      stdin,
      { what, options },
      streams,
    )
  }

  shell(streams: Streams & { pty: PtyRequest }, options: StreamOptions = {}): Promise<Exit> {
    const call: HostCall = { what: 'shell', ...this.#to(options), ...ofStreams(streams) }
    return this.#stream(call, new Uint8Array(), { what: 'the shell', options }, streams)
  }

  async upload(
    content: string | Uint8Array,
    path: string,
    mode: number,
    { needs, ...options }: UploadOptions = {},
  ): Promise<void> {
    const call: HostCall = { what: 'upload', ...this.#to(options), path, mode, ...(needs && { needs }) }
    await this.#call(call, Buffer.from(content), { what: `the upload of ${path}`, options })
  }

  async assertMay(need: Need, options: RunOptions = {}): Promise<void> {
    const call: HostCall = { what: 'may', ...this.#to(options), need }
    await this.#call(call, new Uint8Array(), { what: 'the check of rights', options })
  }

  /** Ends this command's work on the host. The connection belongs to the agent and stays open. */
  close(): void {
    for (const stop of this.#running) stop(closed(this.name))
  }

  #to({ timeoutMs, slot }: RunOptions | StreamOptions) {
    return {
      address: this.#address,
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(slot && { slot: { isReleased: slot.isReleased } }),
    }
  }

  async #stream(
    call: HostCall,
    bytes: Uint8Array,
    task: { what: string; options: StreamOptions },
    streams: Streams,
  ): Promise<Exit> {
    const local = new LocalStreams(streams, task.options)
    try {
      const payload = await this.#call(call, bytes, task, local)
      return unpack<Exit>(payload).value
    } finally {
      local.release()
    }
  }

  async #call(
    call: HostCall,
    bytes: Uint8Array,
    { what, options }: { what: string; options: RunOptions | StreamOptions },
    local?: LocalStreams,
  ): Promise<Buffer> {
    const { signal, slot } = options
    if (signal?.aborted) throw interrupted(this.name)
    const running = this.#client.call(call, bytes, reason => this.#lost(what, reason), {
      ...local?.listener,
      ...(slot && slotListener(slot, () => running.send(Kind.goOn))),
    })
    let stop: Stop = () => {}
    const stopped = new Promise<never>((_, reject) => {
      stop = reason => {
        running.send(Kind.abort)
        if (reason.code !== 'interrupted') return reject(reason)
        setTimeout(reject, ABORT_MS, reason).unref()
      }
    })
    const onAbort = () => stop(interrupted(this.name))
    if (signal) setMaxListeners(0, signal) // hundreds of hosts may follow the same one
    signal?.addEventListener('abort', onAbort)
    this.#running.add(stop)
    local?.attach(running, stop)
    try {
      return await Promise.race([running.result, stopped])
    } finally {
      signal?.removeEventListener('abort', onAbort)
      this.#running.delete(stop)
      running.drop()
    }
  }

  #lost(what: string, reason: string): HostError {
    return new HostError(
      'lost',
      this.name,
      `lost the connection to Belt's agent, which ran on ${this.name}: ${what} (${reason})`,
      {
        hint: 'The command may or may not have finished: check the host before you run it again',
      },
    )
  }
}

/** The local streams of a command, connected to the call that carries them. */
class LocalStreams {
  readonly listener: Listener
  readonly #streams: Streams
  readonly #undo: (() => void)[] = []
  #input: Outlet | undefined
  #call: RunningCall | undefined

  constructor(streams: Streams, options: StreamOptions) {
    this.#streams = streams
    this.listener = {
      started: () => {
        // Not earlier: until the command has started, it may have to run without the agent.
        if (this.#input) streams.stdin?.pipe(this.#input)
        options.onStart?.(name => this.#call?.send(Kind.signal, Buffer.from(name)))
      },
      data: chunk => streams.stdout.write(chunk, () => this.#grant(Kind.dataCredit, chunk)),
      stderr: chunk => streams.stderr.write(chunk, () => this.#grant(Kind.stderrCredit, chunk)),
      dataCredit: bytes => this.#input?.grant(bytes),
    }
  }

  attach(call: RunningCall, stop: Stop): void {
    const { stdin, stdout, stderr, pty } = this.#streams
    this.#call = call
    const onOutputError = (error: Error) =>
      stop(new BeltError('output-closed', `cannot write the output: ${reasonOf(error)}`, { cause: error }))
    const onInputError = (error: Error) =>
      stop(new BeltError('input-failed', `cannot read the input: ${reasonOf(error)}`, { cause: error }))
    for (const output of [stdout, stderr]) {
      output.on('error', onOutputError)
      this.#undo.push(() => output.off('error', onOutputError))
    }
    if (stdin) this.#attachInput(stdin, call, onInputError)
    const stopResizing = pty?.onResize((columns, rows) =>
      call.send(Kind.resize, Buffer.concat([packNumber(columns), packNumber(rows)])),
    )
    if (stopResizing) this.#undo.push(stopResizing)
  }

  release(): void {
    for (const undo of this.#undo.splice(0)) undo()
    this.#call = undefined
  }

  #attachInput(
    stdin: NonNullable<Streams['stdin']>,
    call: RunningCall,
    onError: (error: Error) => void,
  ): void {
    const input = new Outlet(
      chunk => call.send(Kind.data, chunk),
      () => call.send(Kind.end),
    )
    this.#input = input
    stdin.on('error', onError)
    this.#undo.push(() => stdin.off('error', onError).unpipe(input).pause())
  }

  #grant(kind: Kind, chunk: Buffer): void {
    this.#call?.send(kind, packNumber(chunk.length))
  }
}

function ofStreams({ stdin, pty }: Streams) {
  return {
    withInput: stdin !== undefined,
    ...(pty && { pty: { term: pty.term, columns: pty.columns, rows: pty.rows } }),
  }
}
