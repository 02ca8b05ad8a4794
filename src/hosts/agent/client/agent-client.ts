import { connect } from 'node:net'
import { type BeltError, precheckError } from '../../../errors.ts'
import type { Host, HostAddress } from '../../host.ts'
import { type Call, type OwnCall, PROTOCOL } from '../protocol/calls.ts'
import { errorFrom } from '../protocol/error-data.ts'
import { type Frame, Kind, pack, unpack } from '../protocol/frames.ts'
import { checkSocket } from '../protocol/socket-folder.ts'
import { Wire } from '../protocol/wire.ts'
import { AgentHost } from './agent-host.ts'

/** A healthy agent answers at once; a stopped or hanging one is not waited for. */
const WELCOME_MS = 2_000
const PING_EVERY_MS = 5_000
/** Pings are counted, not timed, so that the agent is not given up because this process was stopped for a while. */
const UNANSWERED_PINGS = 3

/** Receives what the agent sends while a call runs. */
export interface Listener {
  started?(): void
  data?(chunk: Buffer): void
  stderr?(chunk: Buffer): void
  dataCredit?(bytes: number): void
  silent?(): void
  answering?(): void
}

interface OpenCall extends Listener {
  readonly resolve: (payload: Buffer) => void
  readonly reject: (error: BeltError) => void
  readonly lost: (reason: string) => BeltError
}

/** A call in progress. */
export interface RunningCall {
  /** The payload of its result. */
  readonly result: Promise<Buffer>
  send(kind: Kind, payload?: Uint8Array): void
  /** Ignores whatever the agent still sends for the call. */
  drop(): void
}

/** A command's connection to Belt's agent, which carries any number of calls. */
export class AgentClient {
  readonly #wire: Wire
  readonly #calls = new Map<number, OpenCall>()
  #lastCall = 0
  #pinging: NodeJS.Timeout | undefined
  #welcome: (() => void) | undefined
  #isEnding = false

  private constructor(socketPath: string, onWelcome: () => void, onEnd: () => void) {
    this.#welcome = onWelcome
    this.#wire = new Wire(
      connect(socketPath),
      frame => this.#receive(frame),
      () => {
        onEnd()
        this.#lose('it ended')
      },
    )
    this.#wire.send(Kind.hello, 0, pack({ protocol: PROTOCOL }))
  }

  /**
   * Connects to the agent that listens on the socket.
   * @returns undefined when no healthy agent listens
   * @throws `unsafe-socket` when other users can reach the socket
   */
  static async connect(socketPath: string): Promise<AgentClient | undefined> {
    if (!(await checkSocket(socketPath))) return undefined
    return new Promise(resolve => {
      const give = (client: AgentClient | undefined) => {
        clearTimeout(deadline)
        if (!client) connecting.close()
        resolve(client)
      }
      const connecting = new AgentClient(
        socketPath,
        () => give(connecting),
        () => give(undefined),
      )
      const deadline = setTimeout(give, WELCOME_MS, undefined)
    })
  }

  /** Whether the agent accepts calls. */
  get isOpen(): boolean {
    return this.#wire.isOpen && !this.#isEnding
  }

  /** A host that is reached over the agent's connection. */
  host(address: HostAddress): Host {
    return new AgentHost(address, this)
  }

  /** @param lost makes the error for a lost agent, given the reason as text */
  call(
    call: Call,
    bytes: Uint8Array,
    lost: (reason: string) => BeltError,
    listener: Listener = {},
  ): RunningCall {
    this.#lastCall += 1
    const number = this.#lastCall
    const result = new Promise<Buffer>((resolve, reject) => {
      this.#calls.set(number, { ...listener, resolve, reject, lost })
    })
    this.#keepAlive()
    if (this.isOpen) this.#wire.send(Kind.open, number, pack(call, bytes))
    else this.#end(number)?.reject(notTaken())
    return {
      result,
      send: (kind, payload) => this.#wire.send(kind, number, payload),
      drop: () => this.#end(number),
    }
  }

  /** Asks the agent about itself. */
  async ask<T>(call: OwnCall): Promise<T> {
    const lost = (reason: string) =>
      errorFrom({
        code: 'agent-lost',
        message: `lost the connection to Belt's agent: ${reason}`,
        options: {},
      })
    return unpack<T>(await this.call(call, new Uint8Array(), lost).result).value
  }

  close(): void {
    this.#wire.destroy()
  }

  #receive({ kind, call: number, payload }: Frame): void {
    if (kind === Kind.hello) this.#greet(unpack<{ protocol: number }>(payload).value.protocol)
    if (kind === Kind.bye) this.#onBye(number)
    const call = this.#calls.get(number)
    if (!call) return
    if (kind === Kind.started) call.started?.()
    else if (kind === Kind.data) call.data?.(payload)
    else if (kind === Kind.stderr) call.stderr?.(payload)
    else if (kind === Kind.dataCredit) call.dataCredit?.(payload.readUInt32BE(0))
    else if (kind === Kind.silent) call.silent?.()
    else if (kind === Kind.answering) call.answering?.()
    else if (kind === Kind.result) this.#end(number)?.resolve(payload)
    else if (kind === Kind.failure) {
      this.#end(number)?.reject(errorFrom(unpack<Parameters<typeof errorFrom>[0]>(payload).value))
    }
  }

  #greet(protocol: number): void {
    if (protocol === PROTOCOL) this.#welcome?.()
    else this.close()
    this.#welcome = undefined
  }

  /** Calls that the agent did not accept were not started; the others continue. */
  #onBye(lastTaken: number): void {
    this.#isEnding = true
    for (const number of [...this.#calls.keys()].filter(one => one > lastTaken)) {
      this.#end(number)?.reject(notTaken())
    }
  }

  #end(number: number): OpenCall | undefined {
    const call = this.#calls.get(number)
    this.#calls.delete(number)
    this.#keepAlive()
    return call
  }

  /** Pings the agent, and keeps this process alive, only while calls run. */
  #keepAlive(): void {
    const isBusy = this.#calls.size > 0
    this.#wire.hold(isBusy)
    if (isBusy && !this.#pinging) {
      this.#pinging = setInterval(() => this.#check(), PING_EVERY_MS)
    } else if (!isBusy) {
      clearInterval(this.#pinging)
      this.#pinging = undefined
    }
  }

  #check(): void {
    if (this.#wire.unanswered < UNANSWERED_PINGS) {
      this.#wire.ping()
    } else {
      this.#lose(`it sent nothing for ${(UNANSWERED_PINGS * PING_EVERY_MS) / 1000} s`)
      this.close()
    }
  }

  #lose(reason: string): void {
    for (const [number, call] of [...this.#calls]) {
      this.#end(number)
      call.reject(call.lost(reason))
    }
  }
}

function notTaken(): BeltError {
  return precheckError('agent-ending', "Belt's agent is ending and accepts no more commands", {
    hint: 'Run the command again: it starts a new agent, or connects directly',
  })
}
