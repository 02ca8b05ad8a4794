import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AgentClient } from '../../src/hosts/agent/client/agent-client.ts'
import { type AgentSettings, runAgent } from '../../src/hosts/agent/server/agent.ts'
import { SSH_DEFAULTS } from '../../src/hosts/ssh/options.ts'
import type { Sshd } from './sshd.ts'

/** A server, real or fake, whose files lie in its folder. */
type Server = Pick<Sshd, 'folder' | 'privateKey'>

/** Belt's agent inside of this process, for the hosts of a private server. */
export class TestAgent {
  readonly socketPath: string
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
  readonly #folder: string
  readonly #stop: AbortController
  readonly #clients: AgentClient[] = []

  private constructor(folder: string, socketPath: string, ended: Promise<void>, stop: AbortController) {
    this.#folder = folder
    this.socketPath = socketPath
    this.ended = ended
    this.#stop = stop
  }

  static async start(sshd: Server, more: Partial<AgentSettings> = {}): Promise<TestAgent> {
    const folder = await mkdtemp(join(tmpdir(), 'belt-warm-'))
    const settings = settingsFor(sshd, join(folder, 'agent.sock'), more)
    const stop = new AbortController()
    let ended: Promise<void> = Promise.resolve()
    await new Promise<void>((resolve, reject) => {
      ended = runAgent(settings, stop.signal, resolve)
      ended.then(() => reject(new Error('it did not start')), reject)
    })
    return new TestAgent(folder, settings.socketPath, ended, stop)
  }

  /** A connection as each run of Belt has its own. */
  async connect(): Promise<AgentClient> {
    const client = await AgentClient.connect(this.socketPath)
    if (!client) throw new Error('the agent does not answer')
    this.#clients.push(client)
    return client
  }

  /** Ends it as SIGTERM does. */
  terminate(): void {
    this.#stop.abort()
  }

  async dispose(): Promise<void> {
    for (const client of this.#clients) client.close()
    this.terminate()
    await this.ended
    await rm(this.#folder, { recursive: true, force: true })
  }
}

export function settingsFor(
  sshd: Server,
  socketPath: string,
  more: Partial<AgentSettings> = {},
): AgentSettings {
  return {
    socketPath,
    version: '1.2.3',
    idleMs: 60_000,
    knownHostsPath: join(sshd.folder, 'known_hosts'),
    watched: {},
    ssh: { ...SSH_DEFAULTS, homeDirectory: join(sshd.folder, 'home'), privateKey: sshd.privateKey },
    ...more,
  }
}
