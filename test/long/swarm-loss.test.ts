import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { retry } from '../../src/retry.ts'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'
import { MachineDoors } from '../support/machine-doors.ts'

const engine = await requireEngine()

describe.skipIf(!engine)('losing members of a swarm', () => {
  let cluster: TestCluster
  let doors: MachineDoors

  const belt = (...args: string[]) => cluster.succeed(args)
  const status = async () => {
    const { code, stdout } = await cluster.run(['swarm', 'status', '--json'])
    return { code, ...JSON.parse(stdout) }
  }

  beforeAll(async () => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    doors = new MachineDoors(cluster, engine?.host ?? '')
    await belt('create', 'mg[0:2],node[1:2]')
    await belt('swarm', 'init', 'mg0')
    await belt('swarm', 'join', '--manager', 'mg0', 'mg[1:2]')
    await belt('swarm', 'join', 'mg0', 'node1')
  })

  afterAll(() => cluster.destroy())

  it('takes a machine that has not joined for no fault, and says how it joins', async () => {
    const { code, stdout } = await cluster.run(['swarm', 'status'])
    expect(code).toBe(0)
    expect(stdout).toContain('node2: unjoined\n  belt swarm join mg0 node2\n')
    await belt('swarm', 'join', 'mg0', 'node2')
  })

  it('removes a node in order, and its machine last', async () => {
    expect(await belt('swarm', 'remove', 'node2', '--destroy', '--yes')).toBe(
      'node2: removed and destroyed\n',
    )
    expect(await belt('docker', 'node', 'ls', '--format', '{{.Hostname}}')).toBe('mg0\nmg1\nmg2\nnode1\n')
    expect((await belt('ls')).includes('node2')).toBe(false)
  })

  it('asks another manager when the active host is gone, and refuses to demote one of the two that are left', async () => {
    doors.kill('mg0')
    const degraded = await retry(
      async () => {
        const seen = await status()
        expect(seen.group).toEqual({ managers: 3, reachable: 2 })
        return seen
      },
      { deadlineMs: 60_000, everyMs: 1000 },
    )
    expect(degraded).toMatchObject({ code: 1, verdict: 'degraded', tolerance: 0 })
    const { code, stderr } = await cluster.run(['swarm', 'demote', 'mg1'])
    expect(code).toBe(5)
    expect(stderr).toContain(
      '2 of 3 managers answer; after the demotion, 1 of 2 would answer, and the swarm needs 2',
    )
  })

  it('gives up a lost manager in one command, and only one that is lost', async () => {
    const alive = await cluster.run(['swarm', 'remove', '--unreachable', 'mg1', '--yes'])
    expect(alive.code).toBe(3)
    expect(alive.stderr).toContain('mg1 still answers')
    await retry(() => belt('swarm', 'remove', '--unreachable', 'mg0', '--destroy', '--yes'), {
      deadlineMs: 60_000,
      everyMs: 2000,
    })
    await belt('active', 'mg1')
    // a new leader knows nothing of the nodes for some seconds
    await retry(
      async () => expect(await status()).toMatchObject({ code: 0, group: { managers: 2, reachable: 2 } }),
      { deadlineMs: 60_000, everyMs: 1000 },
    )
  })

  it('says that the quorum is lost, without a leader, and exits with 5', async () => {
    doors.kill('mg2')
    const lost = { code: 5, verdict: 'quorum-lost', group: { managers: 2, reachable: 1 }, tolerance: -1 }
    await retry(async () => expect(await status()).toMatchObject(lost), { deadlineMs: 90_000, everyMs: 1000 })
  })

  it('takes no manager of a lost swarm away unless told that it is lost', async () => {
    const { code, stderr } = await cluster.run(['shutdown', 'mg1'])
    expect(code).toBe(3)
    expect(stderr).toContain('refused: the swarm may need mg1, and no manager can tell')
    expect(stderr).toContain('--swarm-lost')
    await belt('shutdown', 'node1')
    await belt('shutdown', 'mg1', '--swarm-lost')
    const off = await cluster.run(['swarm', 'recover', '--dry-run'])
    expect(off.code).toBe(3)
    expect(off.stderr).not.toContain('belt swarm init')
  })

  it('starts all machines of a swarm that is off, and the swarm with them', async () => {
    await belt('start', '@all')
    await retry(async () => expect(await status()).toMatchObject({ code: 0, verdict: 'healthy' }), {
      deadlineMs: 90_000,
      everyMs: 1000,
    })
  })

  it('is removed as a whole, also when its quorum is lost', async () => {
    doors.kill('mg2')
    const { code, stderr } = await cluster.run(['rm', '@all', '--yes'])
    expect({ code, released: !stderr.includes('was not released') }).toEqual({ code: 0, released: true })
    expect(JSON.parse(await belt('ls', '--json'))).toEqual([])
  })
})
