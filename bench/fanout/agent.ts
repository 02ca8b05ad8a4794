import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../../test/support/sshd.ts'
import type { Contestant } from './contest.ts'
import { pidsWith } from './processes.ts'
import { run } from './run.ts'
import { beltIn, type Task } from './tools.ts'

const OPENING_MS = 120_000

/** Belt with its agent running. */
export interface RunningAgent {
  readonly tool: Contestant
  close(): Promise<void>
}

/** Starts the agent with one run of the tool. Later runs of it use the agent's connections. */
export async function startAgent(tool: Contestant, cwd: string): Promise<RunningAgent> {
  const viaAgent = { ...tool, env: { ...tool.env, BELT_SSH_AGENT: '10m' } }
  const succeed = async (contestant: Contestant) => {
    const { code, stdout, stderr } = await run({ ...contestant, env: viaAgent.env })
    if (code !== 0) throw new Error(`${contestant.name} ended with ${code}: ${stderr}`)
    return stdout
  }
  await succeed(viaAgent)
  const status = async () => JSON.parse(await succeed(beltIn(cwd, 'agent', 'status', '--json')))
  const settled = async () => {
    const isReady = async () => {
      const { hosts, ready } = await status()
      return ready === hosts.length
    }
    await until(isReady, 'a session waits on each connection', 30_000)
  }
  await settled()
  const { pid } = await status()
  return {
    tool: { ...viaAgent, keepers: [pid], settled },
    async close() {
      await succeed(beltIn(cwd, 'agent', 'stop'))
    },
  }
}

/** Connections of OpenSSH, one process for each. */
export interface RunningMasters {
  readonly pids: readonly number[]
  /** The options that make an ssh use them. */
  readonly ssh: Readonly<Record<string, string>>
}

/** Opens a connection with a control socket to each host; they end with the server. */
export function startMasters(task: Task): RunningMasters {
  const { stage, port, hosts, window = 64 } = task
  const ssh = { ...task.ssh, ControlPath: join(mkdtempSync(join(stage.folder, 'control-')), '%h') }
  const each = ['-a', stage.hostsFile(hosts), '-P', String(window), '-I', 'HOST']
  const master = ['ssh', '-F', stage.sshConfig(port, ssh), '-M', '-N', '-f']
  // they outlive what started them, and would keep its streams
  execFileSync('xargs', [...each, ...master, 'HOST'], { stdio: 'ignore', timeout: OPENING_MS })
  const pids = pidsWith(master.join(' '))
  if (pids.length !== hosts) throw new Error(`${pids.length} masters run for ${hosts} hosts`)
  return { pids, ssh }
}
