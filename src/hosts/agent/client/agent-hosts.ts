import type { Command, Need, ProcessCommand } from '../../../remote/command.ts'
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
import type { AgentClient } from './agent-client.ts'

/** With these errors nothing was started. The command handles a key with a passphrase, because the agent gets none. */
const NOT_FOR_AGENT: readonly string[] = ['key-encrypted', 'agent-ending']

interface Hosts {
  host(address: HostAddress): Host
  close(): void
}

/** The two routes to hosts; each is opened once, at its first use. */
interface Routes {
  /** Opened late: loading the SSH adapter takes longer than most calls to the agent. */
  direct(): Promise<Hosts>
  agent(): Promise<AgentClient | undefined>
}

/** Hosts that are reached through Belt's agent where a healthy one is running, and directly otherwise. */
export class AgentHosts implements Hosts {
  readonly #routes: Routes
  #direct: Promise<Hosts> | undefined
  #client: Promise<AgentClient | undefined> | undefined
  #isDirect = false

  constructor(routes: Routes) {
    this.#routes = routes
  }

  host(address: HostAddress): Host {
    return new HostViaAgent(address, this)
  }

  /** The agent, as long as it accepts calls. */
  async agent(): Promise<AgentClient | undefined> {
    if (this.#isDirect) return undefined
    this.#client ??= this.#routes.agent()
    const client = await this.#client
    return client?.isOpen ? client : undefined
  }

  /** The hosts that are reached without the agent. */
  direct(): Promise<Hosts> {
    this.#direct ??= this.#routes.direct()
    return this.#direct
  }

  /** Stops using the agent. */
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
  #viaAgent: Host | undefined

  constructor(address: HostAddress, hosts: AgentHosts) {
    this.name = address.name
    this.#address = address
    this.#hosts = hosts
  }

  run(command: Command, options?: RunOptions): Promise<Result> {
    return this.#attempt(host => host.run(command, options))
  }

  stream(command: ProcessCommand, streams: Streams, options?: StreamOptions): Promise<Exit> {
    return this.#attempt(host => host.stream(command, streams, options))
  }

  shell(streams: Streams & { pty: PtyRequest }, options?: StreamOptions): Promise<Exit> {
    return this.#attempt(host => host.shell(streams, options))
  }

  upload(content: string | Uint8Array, path: string, mode: number, options?: UploadOptions): Promise<void> {
    return this.#attempt(host => host.upload(content, path, mode, options))
  }

  assertMay(need: Need, options?: RunOptions): Promise<void> {
    return this.#attempt(host => host.assertMay(need, options))
  }

  close(): void {
    this.#viaAgent?.close()
    this.#direct?.close()
  }

  async #attempt<T>(work: (host: Host) => Promise<T>): Promise<T> {
    const agent = await this.#hosts.agent()
    if (!agent) return this.#doDirectly(work)
    this.#viaAgent ??= agent.host(this.#address)
    try {
      return await work(this.#viaAgent)
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
