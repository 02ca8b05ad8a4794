import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestCluster } from '../../support/cluster.ts'
import { until } from '../../support/sshd.ts'

/** Belt's agent, with commands for node1 and node2. Leaves no agent behind. */
export function describeAgent(lend: () => TestCluster): void {
  let cluster: TestCluster

  beforeAll(async () => {
    cluster = lend()
    cluster.env.BELT_SSH_AGENT = '5m'
    await cluster.succeed(['active', 'node1'])
    await cluster.succeed(['exec', 'node[1:2]', '--', 'true'])
  })

  afterAll(async () => {
    await cluster.run(['agent', 'stop'])
    delete cluster.env.BELT_SSH_AGENT
    await cluster.succeed(['active', 'mg0'])
  })

  async function status(): Promise<{ running: boolean; pid: number; hosts: string[]; commands: number }> {
    return JSON.parse((await cluster.run(['agent', 'status', '--json'])).stdout)
  }

  /** How many connections a machine's sshd serves, that of the question included. */
  async function connectionsTo(node: string): Promise<number> {
    const { stdout } = await cluster.run(['exec', node, '--shell', "pgrep -fc '^sshd: root' || true"])
    return Number(stdout)
  }

  it('is started by the first command, and used by the next ones', async () => {
    const { pid, hosts } = await status()
    expect(hosts).toContain('node1')
    const before = await connectionsTo('node1')
    for (let run = 0; run < 3; run++) {
      const { stdout, code } = await cluster.run(['docker', 'ps', '--format', '{{json .}}'])
      expect({ stdout, code }).toEqual({ stdout: '', code: 0 })
    }
    expect(await connectionsTo('node1')).toBe(before)
    expect((await status()).pid).toBe(pid)
  })

  it('changes nothing of outputs, input and exit codes', async () => {
    const line = 'cat; echo err >&2; exit 37'
    const both = await cluster.run(['exec', 'node1', '--shell', line], { stdin: 'out\n' })
    expect(both).toMatchObject({ stdout: 'out\n', stderr: 'err\n', code: 37 })
    expect((await cluster.run(['docker', 'inspect', 'no-such-thing'])).code).toBe(1)
    const many = await cluster.run(['exec', 'node[1:2]', '--shell', '[ "$(hostname)" = node2 ]'])
    expect(many.code).toBe(4)
    expect((await cluster.terminal(['docker', 'ps', '-q'])).code).toBe(0)
    const { stdout } = await cluster.terminal(['exec', 'node1', '--', 'stty', 'size'])
    expect(stdout).toBe('30 100\r\n')
  })

  it('lets Ctrl-C reach the remote process', async () => {
    const pgrep = ['exec', 'node1', '--', 'pgrep', '-f', '^sleep 54331']
    const { code } = await cluster.run(['exec', 'node1', '--', 'sleep', '54331'], {
      onStart: child => {
        const isRunning = async () => (await cluster.run(pgrep)).code === 0
        void until(isRunning, 'the command runs', 60_000).then(() => child.kill('SIGINT'))
      },
    })
    expect(code).toBe(130)
    expect((await cluster.run(pgrep)).code).toBe(1)
  })

  it('fails a command that ran when the agent is killed, and the next one starts another', async () => {
    const { pid } = await status()
    const { code, stderr } = await cluster.run(['exec', 'node1', '--', 'sleep', '54332'], {
      onStart: () => {
        const isRunning = async () => (await status()).commands > 0
        void until(isRunning, 'the command runs', 60_000).then(() => process.kill(pid, 'SIGKILL'))
      },
    })
    expect(code).toBe(1)
    expect(stderr).toContain("lost the connection to Belt's agent")
    expect(stderr).toContain('may or may not have finished')
    expect((await cluster.run(['exec', 'node1', '--', 'echo', 'again'])).stdout).toBe('again\n')
    expect((await status()).pid).not.toBe(pid)
  })

  it('is not waited for when it hangs, and ends once it wakes up in place of another', async () => {
    const { pid } = await status()
    process.kill(pid, 'SIGSTOP')
    try {
      const start = performance.now()
      const { stdout, code } = await cluster.run(['exec', 'node1', '--', 'echo', 'on'])
      expect({ stdout, code }).toEqual({ stdout: 'on\n', code: 0 })
      expect(performance.now() - start).toBeLessThan(30_000)
      expect((await status()).pid).not.toBe(pid)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await until(() => !isAlive(pid), 'it ends', 20_000)
  })

  it('that hangs leaves a command to its own connection where none is to be started', async () => {
    const { pid } = await status()
    process.kill(pid, 'SIGSTOP')
    try {
      const env = { BELT_SSH_AGENT: '' }
      const { stdout, code } = await cluster.run(['exec', 'node1', '--', 'echo', 'direct'], { env })
      expect({ stdout, code }).toEqual({ stdout: 'direct\n', code: 0 })
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    expect((await status()).pid).toBe(pid)
  })

  it('is another one where the config says something else', async () => {
    const { pid } = await status()
    cluster.configure('docker:\n  size: 1gb\n')
    await cluster.run(['exec', 'node1', '--', 'true'])
    const other = await status()
    expect(other.pid).not.toBe(pid)
    await until(() => !isAlive(pid), 'the first one ends', 20_000)
    cluster.configure('docker:\n  size: 512mb\n')
    await until(() => !isAlive(other.pid), 'the other one ends', 20_000)
  })

  it('ends when it is stopped, and has nothing secret in its arguments', async () => {
    await cluster.run(['exec', 'node1', '--', 'true'])
    const { pid } = await status()
    const args = execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
    expect(args.trim()).toMatch(/bin\/run\.js agent serve$/)
    expect((await cluster.run(['agent', 'stop'])).code).toBe(0)
    await until(() => !isAlive(pid), 'it ends')
    expect(await status()).toEqual({ running: false })
  })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
