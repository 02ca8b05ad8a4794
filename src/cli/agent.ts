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

type Ssh = AgentSettings['ssh'] & { readonly agentIdleMs: number }

/** What `--json` prints about Belt's agent. */
export type AgentReport =
  | { readonly running: false }
  | (Omit<AgentStatus, 'running'> & { readonly running: true; readonly commands: number })

/** Belt's agent for one cluster and one way to reach its hosts. */
export class ClusterAgent {
  readonly socketPath: string | undefined
  readonly #cluster: Cluster
  readonly #ssh: Ssh

  /** @param fingerprint runs of Belt with the same one share an agent */
  constructor(fingerprint: string, cluster: Cluster, ssh: Ssh) {
    this.socketPath = socketPathOf(fingerprint, process.env)
    this.#cluster = cluster
    this.#ssh = ssh
  }

  /**
   * The agent for a command: the one that is running, or a new one where the config starts one.
   * @param note receives one line on which agent is used, or why there is none; the command then connects directly
   */
  async reach(note: (message: string) => void): Promise<AgentClient | undefined> {
    try {
      const running = await this.#connect()
      const client = running ?? (this.#ssh.agentIdleMs > 0 ? await this.#launch() : undefined)
      note(client ? "connecting through Belt's agent" : "Belt's agent is not running")
      return client
    } catch (error) {
      note(`connecting without Belt's agent: ${reasonOf(error)}`)
      return undefined
    }
  }

  /** @throws `unsafe-socket` when other users can reach the agent's socket */
  async report(): Promise<AgentReport> {
    const client = await this.#connect()
    return client ? reportOf(await statusFrom(client)) : { running: false }
  }

  /**
   * Starts the agent unless it is running.
   * @throws `no-agent` on systems without Unix users, `agent-not-started` after 5 s
   */
  async start(): Promise<AgentReport & { running: true }> {
    return reportOf(await statusFrom((await this.#connect()) ?? (await this.#launch())))
  }

  /**
   * Asks the agent to end after the commands that are running, and waits up to 5 s until it accepts no new ones.
   * @returns its last report
   * @throws `agent-not-stopped`
   */
  async stop(): Promise<AgentReport> {
    const client = await this.#connect()
    if (!client) return { running: false }
    const status = await client.ask<AgentStatus>({ what: 'stop' })
    client.close()
    const deadline = performance.now() + STOP_MS
    while (await this.#answers()) {
      if (performance.now() > deadline) throw notStopped(status)
      await sleep(20)
    }
    return reportOf(status)
  }

  /** @returns undefined when no healthy agent is running; throws when other users can reach its socket */
  async #connect(): Promise<AgentClient | undefined> {
    return this.socketPath === undefined ? undefined : AgentClient.connect(this.socketPath)
  }

  async #answers(): Promise<boolean> {
    const client = await this.#connect()
    client?.close()
    return client !== undefined
  }

  async #launch(): Promise<AgentClient> {
    const { socketPath } = this
    if (socketPath === undefined) {
      throw precheckError('no-agent', "Belt's agent does not run on this system", {
        hint: 'Leave ssh.agent off: each command makes its own connections',
      })
    }
    const why = await startProcess(await this.#settings(socketPath))
    const client = await this.#connect()
    if (client) return client
    throw new BeltError('agent-not-started', `Belt's agent did not start${why && `: ${why}`}`, {
      hint: `Commands make their own connections meanwhile; look at ${socketPath}`,
    })
  }

  async #settings(socketPath: string): Promise<AgentSettings> {
    const { agentIdleMs, ...ssh } = this.#ssh
    return {
      socketPath,
      version: packageVersion,
      idleMs: agentIdleMs || DEFAULT_IDLE_MS,
      knownHostsPath: knownHostsPath(this.#cluster),
      watched: await watch([this.#cluster.configPath, packageFile], ssh),
      ssh,
    }
  }
}

/**
 * Runs the agent in this process until it ends by itself or `signal` is aborted.
 * @param settings as JSON, from the process that started this one
 * @param onReady called once the agent accepts commands
 */
export async function serveAgent(settings: string, signal: AbortSignal, onReady: () => void): Promise<void> {
  const { runAgent } = await import('../hosts/agent/server/agent.ts')
  return runAgent(JSON.parse(settings), signal, onReady)
}

async function statusFrom(client: AgentClient): Promise<AgentStatus> {
  return client.ask<AgentStatus>({ what: 'status' }).finally(() => client.close())
}

function reportOf(status: AgentStatus): AgentReport & { running: true } {
  return { ...status, running: true, commands: status.running }
}

/** Starts the agent's process. @returns empty once it is ready, else why it is not */
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
    const [first] = await Promise.race([once(child.stdout, 'data', { signal: late }), once(child, 'close')])
    return Buffer.isBuffer(first) ? '' : `it ended with exit code ${first}`
  } catch {
    return `it was not ready within ${START_MS / 1000} s`
  } finally {
    child.stdout.destroy()
    child.unref()
  }
}

function notStopped({ pid }: AgentStatus): BeltError {
  return new BeltError('agent-not-stopped', `Belt's agent still answers after ${STOP_MS / 1000} s`, {
    hint: `kill ${pid} ends it, and the commands that run through it`,
  })
}
