import { execFileSync } from 'node:child_process'
import { beforeAll, expect, it } from 'vitest'
import { retry } from '../../../src/retry.ts'
import type { TestCluster } from '../../support/cluster.ts'

/** Nodes named by what they are in the swarm. Ends with node2 and mg0 stopped. */
export function describeSelectors(lend: () => TestCluster): void {
  let cluster: TestCluster
  const belt = (...args: string[]) => cluster.succeed(args)
  const selected = async (nodes: string) =>
    JSON.parse(await belt('ls', nodes, '--json')).map(({ name }: { name: string }) => name)

  beforeAll(() => {
    cluster = lend()
  })

  it('by role, leadership, label and availability, joined and left out', async () => {
    await belt('swarm', 'label', 'role=worker', 'zone=a')
    await belt('swarm', 'label', 'node2', 'zone=b:1', 'ssd=')
    await belt('swarm', 'drain', 'role=worker&label=ssd')
    expect(await selected('role=worker')).toEqual(['node1', 'node2'])
    expect(await selected('leader')).toEqual(['mg0'])
    expect(await selected('label=zone:a')).toEqual(['node1'])
    expect(await selected('label=zone:b:1,role=manager')).toEqual(['node2', 'mg0'])
    expect(await selected('role=worker&availability=drain')).toEqual(['node2'])
    expect(await selected('state=ready,!leader')).toEqual(['node1', 'node2'])
    expect(await selected('!role=worker')).toEqual(['mg0', 'node3'])
    await belt('swarm', 'activate', 'availability=drain')
  })

  it('wherever nodes are named', async () => {
    expect(await belt('exec', 'role=worker&label=zone:a', '--', 'hostname')).toBe('node1\n')
    const gathered = await belt(
      '--host',
      'state=ready',
      '--gather',
      'docker',
      'info',
      '--format',
      '{{.Swarm.LocalNodeState}}',
    )
    expect(gathered).toBe('mg0,node[1:2] (3): active\n')
    await belt('exec', 'leader', '--shell', 'echo hello > /tmp/greeting')
    expect(await belt('cp', 'leader:/tmp/greeting', 'fetched')).toBe(
      'mg0: fetched/mg0-greeting (1 file, 6b)\n',
    )
    expect(await belt('ip', 'leader')).toBe(await belt('ip', 'mg0'))
    const tuned = await cluster.run(['tune', 'role=manager', 'kernel.pid_max=1', '--diff', '--json'])
    expect(JSON.parse(tuned.stdout).map(({ name }: { name: string }) => name)).toEqual(['mg0'])
  })

  it('by the state of nodes and of machines, once one is off', async () => {
    await belt('shutdown', 'node2')
    expect(await selected('status=off')).toEqual(['node2'])
    await retry(async () => expect(await selected('state=down')).toEqual(['node2']), {
      deadlineMs: 60_000,
      everyMs: 1000,
    })
    const { code, stderr } = await cluster.run(['exec', 'state=down&status=active', '--', 'true'])
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('state=down&status=active matches no machine'),
    ])
  })

  it('not at all when the swarm cannot be read', async () => {
    // Belt itself refuses to stop the only manager
    execFileSync('docker', ['stop', '--time', '1', `belt.${cluster.name}.mg0`], { env: cluster.env })
    for (const nodes of ['role=worker', '!state=down', '@managers']) {
      const { code, stdout } = await cluster.run(['exec', nodes, '--json', '--', 'true'])
      expect(code).toBeGreaterThan(0)
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: expect.any(String) } })
    }
    expect(await selected('status=off')).toEqual(['mg0', 'node2'])
  })
}
