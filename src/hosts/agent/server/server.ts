import type { Server, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AgentStatus, type Call, type OwnCall, PROTOCOL } from '../protocol/calls.ts'
import { type Frame, Kind, pack, unpack } from '../protocol/frames.ts'
import { Wire } from '../protocol/wire.ts'
import type { Pool } from './pool.ts'
import { isHostCall, ServedCall } from './served-call.ts'

const FAREWELL_MS = 1_000

export interface ServerOptions {
  readonly pool: Pool
  readonly status: Omit<AgentStatus, 'hosts' | 'ready' | 'running'>
  /** Called when a command asks the agent to end. */
  onStop(): void
}

/** A command's connection, and what runs for it. */
interface Client {
  readonly wire: Wire
  readonly calls: Map<number, ServedCall>
  lastCall: number
}

/** Serves the commands that connect to Belt's agent. */
export class WarmServer {
  readonly #options: ServerOptions
  readonly #clients = new Set<Client>()
  #isRefusing = false

  /** @param server listens already, or will */
  constructor(server: Server, options: ServerOptions) {
    this.#options = options
    server.on('connection', socket => this.#serve(socket))
  }

  /** Whether calls run, of whatever kind. */
  get isServing(): boolean {
    return [...this.#clients].some(({ calls }) => calls.size > 0)
  }

  /** Takes no more calls, and tells the commands which were the last, so that they make those behind themselves. */
  refuse(): void {
    this.#isRefusing = true
    for (const { wire, lastCall } of this.#clients) wire.send(Kind.bye, lastCall)
  }

  /** Ends the connections to commands after the last of what is to be said; one that is slow to hear it is cut. */
  async close(): Promise<void> {
    for (const { wire } of this.#clients) wire.end()
    const deadline = performance.now() + FAREWELL_MS
    while (this.#clients.size > 0 && performance.now() < deadline) await sleep(10)
    for (const { wire } of this.#clients) wire.destroy()
  }

  #serve(socket: Socket): void {
    const calls = new Map<number, ServedCall>()
    const wire = new Wire(
      socket,
      frame => this.#receive(frame, client),
      () => {
        this.#clients.delete(client)
        for (const call of calls.values()) call.abort()
      },
    )
    const client: Client = { wire, calls, lastCall: 0 }
    this.#clients.add(client)
    wire.send(Kind.hello, 0, pack({ protocol: PROTOCOL }))
    if (this.#isRefusing) wire.send(Kind.bye, 0)
  }

  #receive(frame: Frame, client: Client): void {
    if (frame.kind === Kind.ping) client.wire.send(Kind.pong, 0)
    else if (frame.kind === Kind.open) this.#open(frame, client)
    else client.calls.get(frame.call)?.receive(frame)
  }

  #open(frame: Frame, client: Client): void {
    if (this.#isRefusing) return
    const { wire, calls } = client
    const { value: call, rest } = unpack<Call>(frame.payload)
    client.lastCall = frame.call
    const served = new ServedCall((kind, payload) => wire.send(kind, frame.call, payload))
    calls.set(frame.call, served)
    const name = isHostCall(call) ? call.address.name : "Belt's agent"
    void served.serve(name, () => this.#answer(call, rest, served)).finally(() => calls.delete(frame.call))
  }

  async #answer(call: Call, bytes: Buffer, served: ServedCall): Promise<Buffer> {
    const { pool } = this.#options
    if (isHostCall(call)) {
      const slot = served.slotOf(call)
      return pool.use(call.address, host => served.onHost(host, call, bytes, slot), slot)
    }
    return pack(this.#ownAnswer(call) ?? null)
  }

  #ownAnswer(call: OwnCall): unknown {
    const { pool, status, onStop } = this.#options
    if (call.what === 'stop') onStop()
    return {
      ...status,
      hosts: pool.connected,
      ready: pool.ready,
      running: pool.running,
    } satisfies AgentStatus
  }
}
