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
import { beltVersion, packageFile } from '../package-files.ts'
import type { AgentReport } from '../ui/agent.ts'

const DEFAULT_IDLE_MS = 600_000
const START_MS = 5_000
const STOP_MS = 5_000

type Ssh = AgentSettings['ssh'] & { readonly agentIdleMs: number }

/** Belt's agent for one cluster and one way to reach its hosts. */
export class ClusterAgent {
  readonly socketPath: string | undefined
  readonly #cluster: Cluster
  readonly #ssh: Ssh

  /** @param fingerprint identifies the agent; commands with the same fingerprint share it */
  constructor(fingerprint: string, cluster: Cluster, ssh: Ssh) {
    this.socketPath = socketPathOf(fingerprint, process.env)
    this.#cluster = cluster
    this.#ssh = ssh
  }

  /**
   * The agent for a command: the running one, or a new one if the config turns the agent on.
   * @param note receives one line that says whether the agent is used, and why not if the command connects directly
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

  /** @throws `unsafe-socket` if other users can reach the agent's socket */
  async report(): Promise<AgentReport> {
    const client = await this.#connect()
    return client ? reportOf(await statusFrom(client)) : { running: false }
  }

  /**
   * Starts the agent if it is not running.
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

  /** @returns undefined if no healthy agent is running @throws `unsafe-socket` */
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
      throw precheckError('no-agent', "Belt's agent is not supported on this system", {
        hint: 'Leave ssh.agent off: commands then make their own connections',
      })
    }
    const why = await startProcess(await this.#settings(socketPath))
    const client = await this.#connect()
    if (client) return client
    throw new BeltError('agent-not-started', `Belt's agent did not start${why && `: ${why}`}`, {
      hint: `Commands still work and make their own connections; check the permissions of ${socketPath}`,
    })
  }

  async #settings(socketPath: string): Promise<AgentSettings> {
    const { agentIdleMs, ...ssh } = this.#ssh
    return {
      socketPath,
      version: beltVersion,
      idleMs: agentIdleMs || DEFAULT_IDLE_MS,
      knownHostsPath: knownHostsPath(this.#cluster),
      watched: await watch([this.#cluster.configPath, packageFile], ssh),
      ssh,
    }
  }
}

/**
 * Runs the agent in this process until it ends or `signal` is aborted.
 * @param settings the settings as JSON, from the process that started this one
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

/** Starts the agent's process. @returns an empty string once it is ready, or why it is not */
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
  return new BeltError('agent-not-stopped', `Belt's agent did not stop within ${STOP_MS / 1000} s`, {
    hint: `to end it and the commands that use it: kill ${pid}`,
  })
}
