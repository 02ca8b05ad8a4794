import type { Command, ProcessCommand } from '../../../remote/command.ts'
import type {
  Exit,
  Host,
  HostAddress,
  PtyRequest,
  Result,
  RunOptions,
  StreamOptions,
  Streams,
} from '../../host.ts'
import type { AgentClient } from './agent-client.ts'

/**
 * Nothing was begun then. A key with a passphrase is this command's own business: the agent is handed no passphrase.
 */
const NOT_FOR_AGENT: readonly string[] = ['key-encrypted', 'agent-ending']

interface Hosts {
  host(address: HostAddress): Host
  close(): void
}

/** Where hosts are found; each is asked once, when it is needed first. */
interface Ways {
  /** Loading what speaks SSH costs more than most of what is asked of an agent. */
  direct(): Promise<Hosts>
  agent(): Promise<AgentClient | undefined>
}

/** Hosts that are reached through Belt's agent where there is one that is well, and directly where not. */
export class AgentHosts implements Hosts {
  readonly #ways: Ways
  #direct: Promise<Hosts> | undefined
  #client: Promise<AgentClient | undefined> | undefined
  #isDirect = false

  constructor(ways: Ways) {
    this.#ways = ways
  }

  host(address: HostAddress): Host {
    return new HostViaAgent(address, this)
  }

  /** The agent, as long as it may be used; nothing that is asked of it before has been begun then. */
  async agent(): Promise<AgentClient | undefined> {
    if (this.#isDirect) return undefined
    this.#client ??= this.#ways.agent()
    const client = await this.#client
    return client?.isOpen ? client : undefined
  }

  /** The hosts reached without the agent. */
  direct(): Promise<Hosts> {
    this.#direct ??= this.#ways.direct()
    return this.#direct
  }

  /** Leaves the agent alone from now on. */
  goDirect(): void {
    this.#isDirect = true
  }

  close(): void {
    void this.#client?.then(client => client?.close())
    void this.#direct?.then(hosts => hosts.close())
  }
}

class HostViaAgent implements Host {
  readonly name: string
  readonly #address: HostAddress
  readonly #hosts: AgentHosts
  #direct: Host | undefined
  #warm: Host | undefined

  constructor(address: HostAddress, hosts: AgentHosts) {
    this.name = address.name
    this.#address = address
    this.#hosts = hosts
  }

  run(command: Command, options?: RunOptions): Promise<Result> {
    return this.#do(host => host.run(command, options))
  }

  stream(command: ProcessCommand, streams: Streams, options?: StreamOptions): Promise<Exit> {
    return this.#do(host => host.stream(command, streams, options))
  }

  shell(streams: Streams & { pty: PtyRequest }, options?: StreamOptions): Promise<Exit> {
    return this.#do(host => host.shell(streams, options))
  }

  upload(content: string | Uint8Array, path: string, mode: number, options?: RunOptions): Promise<void> {
    return this.#do(host => host.upload(content, path, mode, options))
  }

  close(): void {
    this.#warm?.close()
    this.#direct?.close()
  }

  async #do<T>(work: (host: Host) => Promise<T>): Promise<T> {
    const agent = await this.#hosts.agent()
    if (!agent) return this.#doDirectly(work)
    this.#warm ??= agent.host(this.#address)
    try {
      return await work(this.#warm)
    } catch (error) {
      if (!NOT_FOR_AGENT.includes((error as { code?: string }).code ?? '')) throw error
      this.#hosts.goDirect()
      return this.#doDirectly(work)
    }
  }

  async #doDirectly<T>(work: (host: Host) => Promise<T>): Promise<T> {
    this.#direct ??= (await this.#hosts.direct()).host(this.#address)
    return work(this.#direct)
  }
}
