import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Cluster, knownHostsPath } from '../config/workspace.ts'
import { BeltError, precheckError, reasonOf } from '../errors.ts'
import { AgentClient } from '../hosts/agent/client/agent-client.ts'
import type { AgentStatus } from '../hosts/agent/protocol/calls.ts'
import { socketPathOf } from '../hosts/agent/protocol/socket-folder.ts'
import type { AgentSettings } from '../hosts/agent/server/agent.ts'
import { watch } from '../hosts/agent/server/watched.ts'
import { packageFile, packageVersion } from '../package-files.ts'

const DEFAULT_IDLE_MS = 600_000
const START_MS = 5_000
const STOP_MS = 5_000

type Ssh = AgentSettings['ssh'] & { readonly keepWarmMs: number }

/** Belt's agent for one cluster, as this environment reaches its hosts. */
export class ClusterAgent {
  readonly socketPath: string | undefined
  readonly #cluster: Cluster
  readonly #ssh: Ssh

  /** @param name of the runs that may use each other's connections */
  constructor(name: string, cluster: Cluster, ssh: Ssh) {
    this.socketPath = socketPathOf(name, process.env)
    this.#cluster = cluster
    this.#ssh = ssh
  }

  /** @returns undefined when none runs, or none that is well; throws when its socket is not this user's alone */
  async connect(): Promise<AgentClient | undefined> {
    return this.socketPath === undefined ? undefined : AgentClient.connect(this.socketPath)
  }

  /**
   * The agent that a command uses: the one that runs, or one that is started where the config keeps connections.
   * @param note told why there is none; a command goes on without
   */
  async reach(note: (message: string) => void): Promise<AgentClient | undefined> {
    try {
      const client = (await this.connect()) ?? (this.#ssh.keepWarmMs > 0 ? await this.start() : undefined)
      note(client ? "connections are kept by Belt's agent" : "no agent of Belt's keeps connections")
      return client
    } catch (error) {
      note(`connecting without Belt's agent: ${reasonOf(error)}`)
      return undefined
    }
  }

  /**
   * Starts the agent, unless it runs.
   * @throws a precheck error `no-agent` where there can be none, `agent-not-started` after 5 s
   */
  async start(): Promise<AgentClient> {
    const { socketPath } = this
    if (socketPath === undefined) {
      throw precheckError('no-agent', "Belt's agent does not run on this system", {
        hint: 'leave ssh.keep_warm off: each command makes its own connections',
      })
    }
    const why = await startProcess(await this.#settings(socketPath))
    const client = await this.connect()
    if (client) return client
    throw new BeltError('agent-not-started', `Belt's agent did not start${why && `: ${why}`}`, {
      hint: `Commands make their own connections meanwhile; look at ${socketPath}`,
    })
  }

  /**
   * Asks the agent to end, once the commands that run have ended, and waits up to 5 s for it to take no more of them.
   * @returns what ended; undefined when none ran
   */
  async stop(): Promise<AgentStatus | undefined> {
    const client = await this.connect()
    if (!client) return undefined
    const status = await client.ask<AgentStatus>({ what: 'stop' })
    client.close()
    const deadline = performance.now() + STOP_MS
    for (;;) {
      const left = await this.connect()
      left?.close()
      if (!left) return status
      if (performance.now() > deadline) throw notStopped(status)
      await sleep(20)
    }
  }

  async #settings(socketPath: string): Promise<AgentSettings> {
    const { keepWarmMs, ...ssh } = this.#ssh
    return {
      socketPath,
      version: packageVersion,
      idleMs: keepWarmMs || DEFAULT_IDLE_MS,
      knownHostsPath: knownHostsPath(this.#cluster),
      watched: await watch([this.#cluster.configPath, packageFile], ssh),
      ssh,
    }
  }
}

/** @returns when the process is ready, or why it is not */
async function startProcess(settings: AgentSettings): Promise<string> {
  const [, script = ''] = process.argv
  const child = spawn(process.execPath, [...process.execArgv, script, 'agent', 'serve'], {
    detached: true,
    cwd: '/',
    env: { HOME: process.env.HOME, PATH: process.env.PATH },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  child.stdin.end(JSON.stringify(settings))
  const late = AbortSignal.timeout(START_MS)
  try {
    const [said] = await Promise.race([once(child.stdout, 'data', { signal: late }), once(child, 'close')])
    return Buffer.isBuffer(said) ? '' : `it ended with ${said}`
  } catch {
    return `it was not ready within ${START_MS / 1000} s`
  } finally {
    child.stdout.destroy()
    child.unref()
  }
}

function notStopped({ pid }: AgentStatus): BeltError {
  return new BeltError('agent-not-stopped', `Belt's agent still answers after ${STOP_MS / 1000} s`, {
    hint: `kill ${pid} ends it, with the commands that run through it`,
  })
}
