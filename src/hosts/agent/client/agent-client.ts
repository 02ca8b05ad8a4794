import { connect } from 'node:net'
import { type BeltError, precheckError } from '../../../errors.ts'
import type { Host, HostAddress } from '../../host.ts'
import { type Call, type OwnCall, PROTOCOL } from '../protocol/calls.ts'
import { errorFrom } from '../protocol/error-data.ts'
import { type Frame, Kind, pack, unpack } from '../protocol/frames.ts'
import { checkSocket } from '../protocol/socket-folder.ts'
import { Wire } from '../protocol/wire.ts'
import { AgentHost } from './agent-host.ts'

/** An agent that is well answers at once; one that was stopped, or hangs, is not waited for. */
const WELCOME_MS = 2_000
const PING_EVERY_MS = 5_000
/** Counted, and not timed: the agent is not to blame for the time that this process was stopped for. */
const UNANSWERED_PINGS = 3

/** What a call is told while it runs. */
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

/** A call that runs. */
export interface RunningCall {
  /** The payload of its result. */
  readonly result: Promise<Buffer>
  send(kind: Kind, payload?: Uint8Array): void
  /** Lets go of it: whatever else the agent says of it is ignored. */
  drop(): void
}

/** A command's connection to Belt's agent, which carries any number of calls. */
export class AgentClient {
  readonly #wire: Wire
  readonly #calls = new Map<number, OpenCall>()
  #lastCall = 0
  #pinging: NodeJS.Timeout | undefined
  #welcome: (() => void) | undefined
  #isLeft = false

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
   * Connects to the agent that listens there.
   * @returns undefined when there is none, or none that is well
   * @throws when the socket is not this user's alone
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

  /** Whether it takes calls. */
  get isOpen(): boolean {
    return this.#wire.isOpen && !this.#isLeft
  }

  /** A host whose connection the agent keeps. */
  host(address: HostAddress): Host {
    return new AgentHost(address, this)
  }

  /** @param lost makes the error for an agent that went away, with the reason in words */
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
    this.#watch()
    if (this.isOpen) this.#wire.send(Kind.open, number, pack(call, bytes))
    else this.#end(number)?.reject(notTaken())
    return {
      result,
      send: (kind, payload) => this.#wire.send(kind, number, payload),
      drop: () => this.#end(number),
    }
  }

  /** Asks for something that is no host's. */
  async ask<T>(call: OwnCall): Promise<T> {
    const lost = (reason: string) =>
      errorFrom({ code: 'agent-lost', message: `Belt's agent is gone: ${reason}`, options: {} })
    return unpack<T>(await this.call(call, new Uint8Array(), lost).result).value
  }

  close(): void {
    this.#wire.destroy()
  }

  #receive({ kind, call: number, payload }: Frame): void {
    if (kind === Kind.hello) this.#greet(unpack<{ protocol: number }>(payload).value.protocol)
    if (kind === Kind.bye) this.#leave(number)
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

  /** What it did not take was not begun; the rest goes on. */
  #leave(lastTaken: number): void {
    this.#isLeft = true
    for (const number of [...this.#calls.keys()].filter(one => one > lastTaken)) {
      this.#end(number)?.reject(notTaken())
    }
  }

  #end(number: number): OpenCall | undefined {
    const call = this.#calls.get(number)
    this.#calls.delete(number)
    this.#watch()
    return call
  }

  /** Asks for a sign of life as long as calls run, and holds the process only then. */
  #watch(): void {
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
      this.#lose(`it said nothing for ${(UNANSWERED_PINGS * PING_EVERY_MS) / 1000} s`)
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
  return precheckError('agent-ending', "Belt's agent has ended and took no more commands", {
    hint: 'Run it again: a command starts another, or makes its own connections',
  })
}
