import type { Server, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AgentStatus, type Call, type OwnCall, PROTOCOL } from '../protocol/calls.ts'
import { type Frame, Kind, pack, unpack } from '../protocol/frames.ts'
import { Wire } from '../protocol/wire.ts'
import { AgentCall, isHostCall } from './call.ts'
import type { AgentConnections } from './connections.ts'

/** How long clients may take to read the last frames. */
const FAREWELL_MS = 1_000

export interface ServerOptions {
  readonly connections: AgentConnections
  readonly status: Omit<AgentStatus, 'hosts' | 'ready' | 'running'>
  /** Called when a command asks the agent to end. */
  onStop(): void
}

/** A command's connection to the agent, and its calls. */
interface Client {
  readonly wire: Wire
  readonly calls: Map<number, AgentCall>
  lastCall: number
}

/** Answers the commands that connect to Belt's agent. */
export class AgentServer {
  readonly #options: ServerOptions
  readonly #clients = new Set<Client>()
  #isEnding = false

  /** @param server may start to listen later */
  constructor(server: Server, options: ServerOptions) {
    this.#options = options
    server.on('connection', socket => this.#welcome(socket))
  }

  /** Whether any call is running. */
  get isBusy(): boolean {
    return [...this.#clients].some(({ calls }) => calls.size > 0)
  }

  /** Accepts no more calls, and tells each command the last one that was accepted, so that it runs the rest itself. */
  stopAccepting(): void {
    this.#isEnding = true
    for (const { wire, lastCall } of this.#clients) wire.send(Kind.bye, lastCall)
  }

  /** Closes the connections to commands after the last frames; one that does not read them within a second is cut. */
  async close(): Promise<void> {
    for (const { wire } of this.#clients) wire.end()
    const deadline = performance.now() + FAREWELL_MS
    while (this.#clients.size > 0 && performance.now() < deadline) await sleep(10)
    for (const { wire } of this.#clients) wire.destroy()
  }

  #welcome(socket: Socket): void {
    const calls = new Map<number, AgentCall>()
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
    if (this.#isEnding) wire.send(Kind.bye, 0)
  }

  #receive(frame: Frame, client: Client): void {
    if (frame.kind === Kind.ping) client.wire.send(Kind.pong, 0)
    else if (frame.kind === Kind.open) this.#open(frame, client)
    else client.calls.get(frame.call)?.receive(frame)
  }

  #open(frame: Frame, client: Client): void {
    if (this.#isEnding) return
    const { wire, calls } = client
    const { value: call, rest } = unpack<Call>(frame.payload)
    client.lastCall = frame.call
    const running = new AgentCall((kind, payload) => wire.send(kind, frame.call, payload))
    calls.set(frame.call, running)
    const name = isHostCall(call) ? call.address.name : "Belt's agent"
    void running.serve(name, () => this.#answer(call, rest, running)).finally(() => calls.delete(frame.call))
  }

  async #answer(call: Call, bytes: Buffer, running: AgentCall): Promise<Buffer> {
    const { connections } = this.#options
    if (isHostCall(call)) {
      const slot = running.slotOf(call)
      return connections.use(call.address, host => running.onHost(host, call, bytes, slot), slot)
    }
    return pack(this.#ownAnswer(call) ?? null)
  }

  #ownAnswer(call: OwnCall): unknown {
    const { connections, status, onStop } = this.#options
    if (call.what === 'stop') onStop()
    return {
      ...status,
      hosts: connections.connected,
      ready: connections.ready,
      running: connections.running,
    } satisfies AgentStatus
  }
}
