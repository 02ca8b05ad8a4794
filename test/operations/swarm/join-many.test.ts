import { setMaxListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { joinNodes } from '../../../src/operations/swarm/join.ts'
import { readJoinTarget } from '../../../src/operations/swarm/join-target.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { FlyingClock } from '../../support/flying-clock.ts'

const MANAGERS = ['mg0', 'mg1', 'mg2']

/** A swarm of three managers, and workers that are no members yet. */
function swarmFor(count: number) {
  const swarm = new FakeSwarm()
  const clock = new FlyingClock()
  swarm.clock = clock
  for (const name of MANAGERS) swarm.enrol(name, 'manager')
  const workers = Array.from({ length: count }, (_, i) => `node${i + 1}`)
  const notes: string[] = []
  const { signal } = new AbortController()
  setMaxListeners(0, signal)
  const plain = fakeFleet(new FakeDriver().with(...MANAGERS, ...workers), name => swarm.host(name), {
    signal,
    clock,
  })
  const progress = { ...plain.progress, note: (text: string) => void notes.push(text) }
  return { swarm, workers, notes, fleet: { ...plain, progress } }
}

const joinAll = (fleet: ReturnType<typeof swarmFor>['fleet']) =>
  joinNodes(fleet, { manager: 'mg0', nodes: 'node*', role: 'worker' })

const joinsOf = (swarm: FakeSwarm, name: string) =>
  swarm.host(name).requests.filter(request => request === 'POST /swarm/join').length

describe('joining a thousand workers', () => {
  it('adapts to the managers: fewer joins at once after a timeout, then slowly more', async () => {
    const { swarm, fleet, workers, notes } = swarmFor(1000)
    swarm.bears = 8
    swarm.joinMs = 5000
    const answers = await joinAll(fleet)
    expect(answers.map(({ host }) => host)).toEqual(workers)
    expect(answers.filter(answer => !answer.ok)).toEqual([])
    expect(swarm.nodes()).toHaveLength(1003)
    expect(new Set(swarm.nodes().map(({ hostname }) => hostname)).size).toBe(1003)
    expect(swarm.overloads).toBeGreaterThan(0)
    expect(swarm.overloads).toBeLessThan(150)
    expect(notes).toContain(
      'a join was late: the managers are busy, so at most 12 machines join at once from now on',
    )
    expect(answers.filter(answer => answer.ok && answer.value.isLate)).toHaveLength(swarm.overloads)
    expect(workers.filter(name => joinsOf(swarm, name) !== 1)).toEqual([])
  }, 60_000)

  it('spreads the joins over the managers, and continues after failures', async () => {
    const { swarm, fleet, workers } = swarmFor(1000)
    const lost = workers.filter((_, i) => i % 50 === 7)
    const refused = workers.filter((_, i) => i % 50 === 8)
    for (const name of lost) swarm.host(name).down = new HostError('unreachable', name, `${name}: silence`)
    for (const name of refused) swarm.faults.set(name, { refusal: 'invalid join token' })
    const answers = await joinAll(fleet)
    const failed = answers.filter(({ ok }) => !ok).map(({ host }) => host)
    expect(failed).toEqual(workers.filter(name => lost.includes(name) || refused.includes(name)))
    expect(await fleet.lastFailures.get()).toEqual(failed)
    const shares = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map(
      address => swarm.joinedThrough.filter(through => through === `${address}:2377`).length,
    )
    expect(shares.reduce((sum, share) => sum + share)).toBe(1000 - lost.length)
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThan(30)
  }, 60_000)
})

describe('joining many', () => {
  it('retries the failed machines with @failed', async () => {
    const { swarm, fleet, notes } = swarmFor(4)
    swarm.faults.set('node3', { refusal: 'no route to host' })
    await joinAll(fleet)
    expect(notes).toContain('failed on 1 of 4: node3; belt swarm join mg0 @failed retries them')
    swarm.faults.clear()
    const answers = await joinNodes(fleet, { manager: 'mg0', nodes: '@failed', role: 'worker' })
    expect(answers).toMatchObject([{ host: 'node3', ok: true, value: { changed: true } }])
    expect(await fleet.lastFailures.get()).toEqual([])
  })

  it('tries the next manager if a host cannot reach the first', async () => {
    const { swarm, fleet } = swarmFor(3)
    swarm.unreached.add('10.0.0.2:2377')
    expect((await joinAll(fleet)).every(({ ok }) => ok)).toBe(true)
    expect(swarm.joinedThrough).toHaveLength(4)
  })

  it('does not use a manager that the other managers cannot reach', async () => {
    const { swarm, fleet } = swarmFor(9)
    swarm.lose('mg1', new HostError('unreachable', 'mg1', 'mg1: silence'))
    expect((await joinAll(fleet)).every(({ ok }) => ok)).toBe(true)
    expect(swarm.joinedThrough).not.toContain('10.0.0.2:2377')
  })

  it('runs fewer joins at once while the list of nodes is slow', async () => {
    const { swarm, fleet, notes } = swarmFor(60)
    swarm.listMs = 6000
    const answers = await joinAll(fleet)
    expect(answers.every(({ ok }) => ok)).toBe(true)
    expect(notes.filter(note => note.startsWith('the list of nodes took')).length).toBeGreaterThan(2)
    expect(notes.at(-1)).toMatch(/at most 1 machine joins at once from now on$/)
  })

  it('distinguishes late joins from failed ones', async () => {
    const { swarm, fleet } = swarmFor(2)
    swarm.faults.set('node1', { endsAfterReads: 3 })
    swarm.faults.set('node2', { refusal: 'A valid join token is necessary to join this cluster' })
    const answers = await joinAll(fleet)
    expect(answers).toMatchObject([
      { host: 'node1', ok: true, value: { changed: true, isLate: true } },
      { host: 'node2', ok: false, error: { code: 'join-failed' } },
    ])
  })

  it('repeats a join once if the engine gave up', async () => {
    const { swarm, fleet } = swarmFor(1)
    swarm.faults.set('node1', { givesUp: 'Error while dialing dial tcp 10.0.0.1:2377: no route to host' })
    expect(await joinAll(fleet)).toMatchObject([{ ok: true, value: { changed: true, isLate: true } }])
    expect(joinsOf(swarm, 'node1')).toBe(2)
  })

  it('asks another manager for the nodes if the given one stops answering', async () => {
    const { swarm, fleet } = swarmFor(3)
    const target = await readJoinTarget(fleet, (await fleet.driver.list())[0] as never, 'worker')
    swarm.host('mg0').down = new HostError('unreachable', 'mg0', 'mg0: silence')
    await expect(target.view.states()).rejects.toThrow('mg0: silence')
    expect(await target.view.states()).toHaveLength(3)
    expect(target.view.unreachable).toBeUndefined()
  })

  it('starts no further join if the managers stop answering', async () => {
    const { swarm, fleet } = swarmFor(2)
    const target = await readJoinTarget(fleet, (await fleet.driver.list())[0] as never, 'worker')
    swarm.leaderless = true
    await expect(target.view.states()).rejects.toThrow('does not have a leader')
    const join = () => target.admit('node1')
    await expect(join()).rejects.toMatchObject({ code: 'not-tried', host: 'node1' })
    swarm.leaderless = false
    await expect(join()).rejects.toMatchObject({ code: 'not-tried' })
  })

  it('continues when the managers answer again', async () => {
    const { swarm, fleet } = swarmFor(1)
    const target = await readJoinTarget(fleet, (await fleet.driver.list())[0] as never, 'worker')
    swarm.leaderless = true
    await expect(target.view.states()).rejects.toThrow('does not have a leader')
    swarm.leaderless = false
    await expect(target.admit('node1')).resolves.toBeUndefined()
  })
})

describe('the warnings of a join', () => {
  it('say that the ingress network is too small for all nodes', async () => {
    const { swarm, fleet, notes } = swarmFor(250)
    swarm.ingressSubnet = '10.0.0.0/24'
    await joinAll(fleet)
    expect(notes[0]).toMatch(
      /^warning: the ingress network has 253 addresses \(10\.0\.0\.0\/24\), and 253 nodes/,
    )
  })

  it('are empty if the ingress network is large enough', async () => {
    const { swarm, fleet, notes } = swarmFor(20)
    swarm.ingressSubnet = '10.0.0.0/24'
    await joinAll(fleet)
    expect(notes).toEqual([])
  })

  it('name nodes with the same host name', async () => {
    const { swarm, fleet, notes } = swarmFor(2)
    const machines = await fleet.driver.list()
    for (const { name, privateAddress = '' } of machines.slice(3))
      swarm.enrol(name, 'worker', { hostname: 'ubuntu', address: privateAddress })
    await joinAll(fleet)
    expect(notes).toEqual([
      "warning: 2 nodes are called ubuntu, including node1, node2: belt hostname 'node1 node2' names hosts after their machines",
    ])
  })
})

describe('the node that a failed join as manager left behind', () => {
  const join = (fleet: ReturnType<typeof swarmFor>['fleet']) =>
    joinNodes(fleet, { manager: 'mg0', nodes: 'node1', role: 'manager' })
  const refusal = 'manager stopped: could not connect to prospective new cluster member'

  it('is removed', async () => {
    const { swarm, fleet, notes } = swarmFor(1)
    swarm.faults.set('node1', { refusal, leavesGhost: true })
    expect(await join(fleet)).toMatchObject([{ ok: false, error: { code: 'join-failed' } }])
    expect(swarm.nodes().map(({ hostname }) => hostname)).toEqual(MANAGERS)
    expect(notes[0]).toBe('node1: removed the node that its failed join had left (ghost-node1)')
  })

  it('is kept if a host that cannot be asked may be that node', async () => {
    const { swarm, fleet, notes } = swarmFor(2)
    swarm.faults.set('node1', { refusal, leavesGhost: true })
    swarm.host('node2').down = new HostError('unreachable', 'node2', 'node2: silence')
    expect(await join(fleet)).toMatchObject([{ ok: false, error: { code: 'join-failed' } }])
    expect(swarm.nodes()).toHaveLength(4)
    expect(notes[0]).toMatch(/^node1: its failed join may have left a node .*node2: silence$/)
  })

  it('is kept if a host whose engine is down may be that node', async () => {
    const { swarm, fleet, notes } = swarmFor(2)
    swarm.faults.set('node1', { refusal, leavesGhost: true })
    swarm.deadEngines.add('node2')
    await join(fleet)
    expect(swarm.nodes()).toHaveLength(4)
    expect(notes[0]).toMatch(
      /^node1: its failed join may have left a node .*its Docker Engine does not answer$/,
    )
  })

  it.each([
    ['a member of the Raft group', { reachability: 'unreachable', role: 'manager' }],
    ['a worker', { role: 'worker' }],
    ['another name', { role: 'manager', hostname: 'elsewhere' }],
  ] as const)('is not confused with %s that is down', async (_, change) => {
    const { swarm, fleet } = swarmFor(1)
    swarm.enrol('gone', 'worker', { hostname: 'node1', state: 'down', ...change })
    swarm.faults.set('node1', { refusal, leavesGhost: true })
    await join(fleet)
    expect(swarm.nodes().map(({ id }) => id)).toEqual(['id-mg0', 'id-mg1', 'id-mg2', 'id-gone'])
  })

  it('is never the node of a machine in this fleet, whatever its host name', async () => {
    const { swarm, fleet } = swarmFor(2)
    swarm.enrol('node2', 'manager', { hostname: 'node1', reachability: undefined, isLeader: false })
    swarm.faults.set('node1', { refusal })
    await join(fleet)
    expect(swarm.nodes().map(({ id }) => id)).toContain('id-node2')
  })
})
