import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../../test/support/sshd.ts'
import type { Contestant } from './contest.ts'
import { pidsWith } from './processes.ts'
import { run } from './run.ts'
import { beltIn, type Task } from './tools.ts'

const OPENING_MS = 120_000

/** Belt with an agent that keeps its connections. */
export interface KeptByAgent {
  readonly tool: Contestant
  close(): Promise<void>
}

/** Runs Belt once through its agent, which then keeps the connections, for the same tool to go over them. */
export async function keptByAgent(tool: Contestant, cwd: string): Promise<KeptByAgent> {
  const warm = { ...tool, env: { ...tool.env, BELT_SSH_AGENT: '10m' } }
  const succeed = async (contestant: Contestant) => {
    const { code, stdout, stderr } = await run({ ...contestant, env: warm.env })
    if (code !== 0) throw new Error(`${contestant.name} ended with ${code}: ${stderr}`)
    return stdout
  }
  await succeed(warm)
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
    tool: { ...warm, keepers: [pid], settled },
    async close() {
      await succeed(beltIn(cwd, 'agent', 'stop'))
    },
  }
}

/** Connections of OpenSSH, one process for each. */
export interface KeptByMasters {
  readonly pids: readonly number[]
  /** What makes an ssh go over them. */
  readonly ssh: Readonly<Record<string, string>>
}

/** Opens a connection with a control socket to each host; they end with the server. */
export function keptByMasters(task: Task): KeptByMasters {
  const { stage, port, hosts, window = 64 } = task
  const ssh = { ...task.ssh, ControlPath: join(mkdtempSync(join(stage.folder, 'control-')), '%h') }
  const each = ['-a', stage.hostsFile(hosts), '-P', String(window), '-I', 'HOST']
  const master = ['ssh', '-F', stage.sshConfig(port, ssh), '-M', '-N', '-f']
  // they outlive what started them, and would keep its streams
  execFileSync('xargs', [...each, ...master, 'HOST'], { stdio: 'ignore', timeout: OPENING_MS })
  const pids = pidsWith(master.join(' '))
  if (pids.length !== hosts) throw new Error(`${pids.length} masters keep the connections of ${hosts} hosts`)
  return { pids, ssh }
}
