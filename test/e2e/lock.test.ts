import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { retry } from '../../src/retry.ts'
import { Workplace } from '../support/belt.ts'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'

/** `script`, which gives Belt a terminal, has it as its only child. */
function childOf(pid: number | undefined): number {
  return Number(execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }))
}

const engine = await requireEngine()

describe.skipIf(!engine)('the lock of a swarm', () => {
  let cluster: TestCluster
  /** Somebody else's working copy: the config and a key, and nothing that Belt remembers. */
  let colleague: Workplace

  const poll = (what: () => Promise<void>) => retry(what, { deadlineMs: 30_000, everyMs: 500 })

  beforeAll(async () => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    await cluster.run(['create', 'mg0,node1'])
    await cluster.run(['swarm', 'init', 'mg0'])
    await cluster.run(['swarm', 'join', 'mg0', 'node1'])
    colleague = new Workplace({ DOCKER_HOST: engine?.host ?? '' })
    for (const file of ['.belt.yaml', 'key', 'key.pub'])
      cpSync(join(cluster.folder, file), join(colleague.folder, file))
  })

  afterAll(async () => {
    await cluster.destroy()
    colleague.remove()
  })

  /** Leaves the command at its question, which it asks with the lock in its hand. */
  function holdLock() {
    let kill = () => {}
    const ended = cluster.terminal(['swarm', 'remove', 'node1'], {
      env: { GITHUB_RUN_NUMBER: '4211' },
      onStart: child => {
        kill = () => process.kill(childOf(child.pid), 'SIGKILL')
      },
    })
    return { ended, kill: () => kill() }
  }

  it('keeps a colleague out, who sees who holds it and what for', async () => {
    const { ended, kill } = holdLock()
    await poll(async () => {
      const { stdout } = await colleague.run(['lock', 'status'])
      expect(stdout).toMatch(/^Locked by: \S+@\S+ \(ci#4211\) since \S+\nCommand: belt swarm remove node1\n/)
    })
    const { code, stderr } = await colleague.run(['swarm', 'pause', 'node1'])
    expect(code).toBe(6)
    expect(stderr).toMatch(/Locked by: .* \(ci#4211\) since .*\n {2}Command: belt swarm remove node1\n/)
    expect(stderr).toContain('--lock-wait')
    const rebooted = await colleague.run(['reboot', 'node1'])
    expect(rebooted.code).toBe(6)
    expect(rebooted.stderr).toContain('Command: belt swarm remove node1\n')
    const availability = ['docker', 'node', 'inspect', 'node1', '--format', '{{.Spec.Availability}}']
    expect((await cluster.run(availability)).stdout).toBe('active\n')
    kill()
    await ended
  })

  it('outlives a holder that was killed, until it lapses or is released', async () => {
    const status = await colleague.run(['lock', 'status', '--json'])
    expect(JSON.parse(status.stdout)).toMatchObject({ locked: true, keptIn: 'the swarm' })
    expect(status.stdout).not.toContain('token')
    const refused = await colleague.run(['lock', 'release'])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('which may still be running belt swarm remove node1')
    const released = await colleague.run(['lock', 'release', '--yes'])
    expect(released.stdout).toMatch(/^released the lock of /)
    expect((await cluster.run(['lock', 'status'])).stdout).toMatch(/^not locked/)
  })

  it('is waited for with --lock-wait, and free again after each command', async () => {
    const { ended, kill } = holdLock()
    await poll(async () => {
      const { stdout } = await colleague.run(['lock', 'status'])
      expect(stdout).toMatch(/^Locked by/)
    })
    const waiting = colleague.run(['--lock-wait', '60s', 'swarm', 'pause', 'node1'])
    kill()
    await ended
    await cluster.run(['lock', 'release', '--yes'])
    expect((await waiting).stdout).toContain('node1')
    expect((await waiting).code).toBe(0)
    expect((await cluster.run(['lock', 'status', '--json'])).stdout).toContain('"locked": false')
    expect((await cluster.run(['docker', 'config', 'ls', '-q'])).stdout).toBe('')
  })

  it('lets one of two at the same time change the swarm, and both in turn when they wait', async () => {
    const both = await Promise.all([
      cluster.run(['--lock-wait', '60s', 'swarm', 'activate', 'node1']),
      colleague.run(['--lock-wait', '60s', 'swarm', 'pause', 'node1']),
    ])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
  })

  it('is held while a machine restarts, and goes with the whole cluster', async () => {
    expect((await cluster.run(['reboot', 'node1'])).code).toBe(0)
    expect((await colleague.run(['lock', 'status'])).stdout).toMatch(/^not locked/)
    const { code, stderr } = await cluster.run(['rm', '@all', '--yes'])
    expect({ code, lock: stderr.includes('lock') }).toEqual({ code: 0, lock: false })
  })
})
