import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ended } from '../support/belt.ts'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'

const engine = await requireEngine()

interface Joined {
  name: string
  joined: boolean
  timedOut: boolean
}

describe.skipIf(!engine)('joining many', () => {
  let cluster: TestCluster
  const belt = (...args: string[]) => cluster.run(args)

  const rows = async () => {
    const format = '{{.Hostname}} {{.Status}} {{.ManagerStatus}}'
    const { stdout } = await belt('--host', 'mg0', 'docker', 'node', 'ls', '--format', format)
    return stdout
      .split('\n')
      .map(line => line.trim())
      .filter(line => line !== '')
      .sort()
  }
  /** Changes what a host's firewall does with the port of the managers. */
  const firewall = async (host: string, change: '-I' | '-D', ...rule: string[]) => {
    const words = ['iptables', '-w', change, ...rule]
    expect((await belt('exec', host, '--', ...words)).code).toBe(0)
  }

  beforeAll(async () => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    cluster.configure('docker:\n  size: 256mb\n')
    expect((await belt('create', 'mg[0:1],node[1:8]')).code).toBe(0)
    expect((await belt('swarm', 'init', 'mg0')).code).toBe(0)
  })

  afterAll(() => cluster.destroy())

  it('takes off the list what a manager leaves there that nobody reaches back', async () => {
    const rule = ['INPUT', '-p', 'tcp', '--dport', '2377', '-j', 'DROP']
    await firewall('mg1', '-I', ...rule)
    const { code, stderr } = await belt('swarm', 'join', '--manager', 'mg0', 'mg1')
    expect(code).toBe(1)
    expect(stderr).toContain('could not connect to prospective new cluster member')
    expect(stderr).toContain('mg1: removed the node that its failed join had left')
    expect(await rows()).toEqual(['mg0 Ready Leader'])
    await firewall('mg1', '-D', ...rule)
    expect((await belt('swarm', 'join', '--manager', 'mg0', '@failed')).code).toBe(0)
    expect(await rows()).toEqual(['mg0 Ready Leader', 'mg1 Ready Reachable'])
  })

  it('joins through another manager where a host does not reach one', async () => {
    const address = (await belt('ip', 'mg1', '--private')).stdout.trim()
    const rule = ['OUTPUT', '-d', address, '-p', 'tcp', '--dport', '2377', '-j', 'REJECT']
    await firewall('node[1:2]', '-I', ...rule)
    const { code, stdout } = await belt('swarm', 'join', 'mg0', 'node[1:2]', '--json')
    expect(JSON.parse(stdout)).toMatchObject([{ joined: true }, { joined: true }])
    expect(code).toBe(0)
  })

  it('gives one answer for each machine, and none for what it did not ask', async () => {
    const { code, stdout } = await belt('swarm', 'join', 'mg0', 'node[1:7]', '--json')
    const answers = JSON.parse(stdout) as Joined[]
    expect(answers.map(({ name, joined }) => `${name} ${joined}`)).toEqual(
      Array.from({ length: 7 }, (_, i) => `node${i + 1} true`),
    )
    expect(code).toBe(0)
    expect((await rows()).filter(row => row.startsWith('node'))).toHaveLength(7)
  })

  it('waits for a join that its engine gave up waiting for', async () => {
    const rule = ['OUTPUT', '-p', 'tcp', '--dport', '2377', '-j', 'DROP']
    await firewall('node8', '-I', ...rule)
    let join: Promise<Ended> | undefined
    await new Promise<void>(resolve => {
      const onStart = (child: ChildProcess) =>
        child.stderr?.on('data', chunk => String(chunk).includes('a join was late') && resolve())
      join = cluster.run(['swarm', 'join', 'mg0', 'node8', '--json'], { onStart })
    })
    await firewall('node8', '-D', ...rule)
    const { code, stdout } = (await join) as Ended
    expect(JSON.parse(stdout)).toMatchObject([{ name: 'node8', joined: true, timedOut: true }])
    expect(code).toBe(0)
    expect((await rows()).filter(row => row.startsWith('node8'))).toEqual(['node8 Ready'])
  })
})
