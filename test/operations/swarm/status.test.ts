import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { selectNodes } from '../../../src/operations/swarm/select-nodes.ts'
import { swarmStatus } from '../../../src/operations/swarm/status.ts'
import type { Node } from '../../../src/remote/nodes.ts'
import { swarmStatusText } from '../../../src/ui/swarm-status.ts'
import { printed } from '../../support/engine-answers.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { answer } from '../../support/fake-services.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { FlyingClock } from '../../support/flying-clock.ts'

async function swarmOf(...workers: string[]) {
  const swarm = new FakeSwarm()
  for (const name of ['mg0', 'mg1', 'mg2']) swarm.enrol(name, 'manager')
  for (const name of workers) swarm.enrol(name, 'worker')
  const fleet = fakeFleet(new FakeDriver().with('mg0', 'mg1', 'mg2', ...workers), name => swarm.host(name), {
    clock: new FlyingClock(),
  })
  await fleet.activeHost.set('mg0')
  const classes = async () =>
    Object.fromEntries((await swarmStatus(fleet)).rows.map(row => [row.name, row.class]))
  return { swarm, fleet, classes }
}

const refused = (name: string) => new HostError('refused', name, `${name}: connection refused`)

describe('swarmStatus', () => {
  it('reports a swarm as healthy if all members answer', async () => {
    const { fleet } = await swarmOf('node1')
    expect(await swarmStatus(fleet)).toMatchObject({
      verdict: 'healthy',
      leader: 'mg0',
      askedOf: 'mg0',
      tolerance: 1,
      problems: [],
      warnings: [],
    })
  })

  it('asks another manager if the active host is down, and reports that the next loss stops the swarm', async () => {
    const { swarm, fleet } = await swarmOf('node1')
    swarm.lose('mg0', refused('mg0'))
    const status = await swarmStatus(fleet)
    expect(status).toMatchObject({ verdict: 'degraded', askedOf: 'mg1', tolerance: 0 })
    expect(status.problems[0]).toContain('2 of 3 managers are reachable')
  })

  it('answers without a leader, and reports how many managers are missing', async () => {
    const { swarm, fleet, classes } = await swarmOf('node1')
    swarm.lose('mg1', refused('mg1'))
    swarm.lose('mg2', refused('mg2'))
    swarm.leaderless = true
    expect(await swarmStatus(fleet)).toMatchObject({
      verdict: 'quorum-lost',
      askedOf: undefined,
      group: { managers: 3, reachable: 1 },
      tolerance: -1,
    })
    expect(await classes()).toEqual({
      mg0: 'unknown',
      mg1: 'unreachable',
      mg2: 'unreachable',
      node1: 'unknown',
    })
  })

  it('does not report a lost quorum if one read fails while all managers answer', async () => {
    const { swarm, fleet } = await swarmOf('node1')
    swarm.also = (_, line) =>
      line === 'docker system dial-stdio # GET /nodes'
        ? { code: 1, stderr: 'cannot connect to the Docker daemon\n' }
        : undefined
    expect(await swarmStatus(fleet)).toMatchObject({
      verdict: 'unknown',
      problems: ['mg0: cannot connect to the Docker daemon'],
      group: { managers: 3, reachable: 3 },
    })
  })

  it('reports a lost quorum if the read fails because too few managers are left', async () => {
    const { swarm, fleet } = await swarmOf('node1')
    swarm.lose('mg1', refused('mg1'))
    swarm.lose('mg2', refused('mg2'))
    swarm.also = (_, line) =>
      line === 'docker system dial-stdio # GET /nodes'
        ? { code: 1, stderr: 'context deadline exceeded\n' }
        : undefined
    expect((await swarmStatus(fleet)).verdict).toBe('quorum-lost')
  })

  it('reports unknown, not no-swarm, if no machine answers', async () => {
    const { swarm, fleet } = await swarmOf()
    for (const name of ['mg0', 'mg1', 'mg2']) swarm.host(name).down = refused(name)
    expect((await swarmStatus(fleet)).verdict).toBe('unknown')
  })

  it('reports no-swarm if every machine says that it is in none', async () => {
    const swarm = new FakeSwarm()
    const fleet = fakeFleet(new FakeDriver().with('a', 'b'), name => swarm.host(name))
    expect((await swarmStatus(fleet)).verdict).toBe('no-swarm')
  })

  it('classifies every machine and node', async () => {
    const { swarm, classes } = await swarmOf('node1', 'node2', 'node3', 'node4')
    swarm.expel('node1')
    swarm.expel('node2')
    swarm.set('node2', { nodeId: 'foreign', clusterId: 'cluster-two' })
    swarm.set('node3', { role: 'manager' })
    swarm.enrol('old', 'worker', { state: 'down' })
    swarm.host('node4').down = refused('node4')
    expect(await classes()).toMatchObject({
      node1: 'unjoined',
      node2: 'wrong-swarm',
      node3: 'wrong-role',
      node4: 'unreachable',
      old: 'ghost',
    })
  })

  it('does not report a host as unreachable whose user may not read it, and says why', async () => {
    const { swarm, fleet } = await swarmOf('node1')
    swarm.host('node1').deny('engine')
    const { rows } = await swarmStatus(fleet)
    expect(rows.find(({ name }) => name === 'node1')).toMatchObject({
      class: 'unknown',
      host: 'denied',
      detail: 'ops may not use the engine there: usermod -aG docker ops, or log in as root',
      mend: undefined,
    })
  })

  it('warns of an even number of managers and of different engine versions', async () => {
    const { swarm, fleet } = await swarmOf('node1')
    swarm.enrol('mg3', 'manager', { engineVersion: '28.0.1' })
    ;(fleet.driver as FakeDriver).with('mg3')
    expect((await swarmStatus(fleet)).warnings).toEqual([
      '4 managers tolerate the loss of 1, no more than 3 managers tolerate; have 3 or 5',
      'the engines differ: 20.10.24, 28.0.1',
    ])
  })

  it('shows a host whose certificate has expired in one row, with its node', async () => {
    const { swarm, fleet } = await swarmOf('node1')
    swarm.change('id-node1', { state: 'down' })
    swarm.set('node1', {
      state: 'error',
      nodeId: undefined,
      certificateOf: 'id-node1',
      error: 'Swarm certificates have expired. To replace them, leave the swarm and join again.',
    })
    const { rows, verdict } = await swarmStatus(fleet)
    expect(verdict).toBe('degraded')
    expect(rows.map(row => [row.name, row.nodeId, row.class])).toEqual([
      ['mg0', 'id-mg0', 'ok'],
      ['mg1', 'id-mg1', 'ok'],
      ['mg2', 'id-mg2', 'ok'],
      ['node1', 'id-node1', 'expired'],
    ])
    expect(rows[3]?.detail).toMatch(/^its certificate expired on \d{4}-\d\d-\d\d$/)
  })

  it('says that a manager advertises an address that it has no more', async () => {
    const { swarm, fleet } = await swarmOf()
    const { address } = swarm.node('mg2')
    swarm.change('id-mg2', { reachability: 'unreachable' })
    swarm.set('mg2', { movedTo: '192.168.9.9' })
    const row = (await swarmStatus(fleet)).rows.find(({ name }) => name === 'mg2')
    expect(row).toMatchObject({
      class: 'wrong-address',
      detail: `it advertises ${address}, an address that it has no more`,
    })
  })

  it('calls the rows of two machines that are one node by both names, and the swarm degraded', async () => {
    const { swarm, fleet, classes } = await swarmOf('node1', 'node2')
    swarm.expel('node2')
    swarm.set('node2', { nodeId: 'id-node1' })
    expect((await swarmStatus(fleet)).verdict).toBe('degraded')
    expect(await classes()).toMatchObject({ node1: 'shared-node', node2: 'shared-node' })
    for (const name of ['node1', 'node2'])
      await expect(selectNodes(fleet, name)).rejects.toMatchObject({
        code: 'shared-node',
        exitCode: 3,
        message: 'node[1:2] are one node of the swarm: one of them is a copy',
      })
  })

  it('warns of nodes that are down for so long that their certificates may expire', async () => {
    const { swarm, fleet } = await swarmOf('node1')
    swarm.change('id-node1', { state: 'down', updatedAt: new Date(Date.now() - 10 * 86_400_000) })
    expect((await swarmStatus(fleet)).warnings).toEqual([
      expect.stringMatching(
        /^node1 is down for long: its certificate may expire from \S+ on; start it before/,
      ),
    ])
  })
})

describe('an engine whose answer is not understood', () => {
  const INFO = {
    LocalNodeState: 'active',
    NodeID: 'id-mg0',
    ControlAvailable: true,
    Cluster: { ID: 'cluster-one' },
  }

  it.each<[string, object]>([
    ['managers are no list', { ...INFO, RemoteManagers: { mg0: '10.0.0.1' } }],
    ['an error is no text', { ...INFO, Error: {} }],
    ['the swarm is no object', [] as object],
    ['a manager tells no swarm', { ...INFO, Cluster: null }],
    ['its role is a text', { ...INFO, ControlAvailable: 'no' }],
  ])('is unknown, and the swarm of others is as healthy as before, when %s', async (_, swarmInfo) => {
    const { swarm, fleet, classes } = await swarmOf('node1')
    swarm.also = (name, _line, input) =>
      name === 'mg0' && input.toString().startsWith('GET /info ')
        ? answer(200, { Swarm: swarmInfo })
        : undefined
    expect(await classes()).toMatchObject({ mg0: 'unknown', mg1: 'ok', mg2: 'ok', node1: 'ok' })
    const status = await swarmStatus(fleet)
    expect(status).toMatchObject({ verdict: 'degraded', askedOf: 'mg1', tolerance: 1 })
    expect(status.problems.join()).toContain('mg0: the answer of its Docker Engine is not understood: ')
  })

  it.each<[string, unknown]>([
    ['no list', { nodes: [] }],
    ['a list of something else', ['node1']],
    ['nodes without an id', [{ Spec: { Role: 'worker' } }]],
    ['nodes whose labels are numbers', [{ ID: 'x', Spec: { Role: 'worker', Labels: { a: 1 } } }]],
  ])('never makes a swarm one that has lost its quorum: its nodes are %s', async (_, nodes) => {
    const { swarm, fleet } = await swarmOf()
    for (const name of ['mg1', 'mg2']) swarm.lose(name, refused(name))
    swarm.also = (_name, _line, input) =>
      input.toString().startsWith('GET /nodes ') ? answer(200, nodes as object) : undefined
    expect(await swarmStatus(fleet)).toMatchObject({ verdict: 'unknown', rows: expect.any(Array) })
  })

  it('takes no longer for 10,000 nodes of one address and one name than for others', async () => {
    const { swarm, fleet } = await swarmOf('node1')
    const node = swarm.node('node1')
    async function timeOf(change: (index: number) => Partial<Node>): Promise<number> {
      const extra = Array.from({ length: 10_000 }, (_, index) => ({
        ...node,
        id: `x${index}`,
        ...change(index),
      }))
      const body = [...swarm.nodes(), ...extra].map(printed)
      swarm.also = (_name, _line, input) =>
        input.toString().startsWith('GET /nodes ') ? answer(200, body) : undefined
      const start = performance.now()
      expect(swarmStatusText(await swarmStatus(fleet), {}).length).toBeGreaterThan(10_000)
      return performance.now() - start
    }
    const apart = await timeOf(index => ({
      address: `10.1.${index >> 8}.${index & 255}`,
      hostname: `x${index}`,
    }))
    expect(await timeOf(() => ({}))).toBeLessThan(5 * apart)
  }, 120_000)
})
