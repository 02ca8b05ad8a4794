import { describe, expect, it, vi } from 'vitest'
import { LEASE_TIMES } from '../../../src/domain/lease.ts'
import { BeltError } from '../../../src/errors.ts'
import { HostError } from '../../../src/hosts/errors.ts'
import { releaseLock, withLock } from '../../../src/operations/lock.ts'
import { drainImpacts, drainNodes } from '../../../src/operations/swarm/drain.ts'
import { selectNodes } from '../../../src/operations/swarm/select-nodes.ts'
import { silentProgress } from '../../../src/progress.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { FlyingClock } from '../../support/flying-clock.ts'

async function swarmWithServices() {
  const swarm = new FakeSwarm()
  for (const name of ['mg0', 'mg1', 'mg2']) swarm.enrol(name, 'manager')
  for (const name of ['node1', 'node2']) swarm.enrol(name, 'worker')
  const driver = new FakeDriver().with('mg0', 'mg1', 'mg2', 'node1', 'node2', 'node3')
  const fleet = fakeFleet(driver, name => swarm.host(name), { clock: new FlyingClock() })
  await fleet.activeHost.set('mg0')
  const availability = (name: string) => swarm.node(name).availability
  /** Has something happen while a drain waits for tasks. */
  const whileDraining = (happen: () => void) => {
    swarm.also = (_, line) => {
      if (line.includes('--availability drain')) void fleet.clock.sleep(1500).then(happen)
      return undefined
    }
  }
  return { swarm, fleet, availability, whileDraining }
}

describe('drainNodes', () => {
  it('waits until the tasks run elsewhere, and returns the previous availability of each node', async () => {
    const { swarm, fleet, availability } = await swarmWithServices()
    swarm.services.run('web', ['id-node1', 'id-node2'])
    swarm.change('id-node2', { availability: 'pause' })
    expect(await drainNodes(fleet, await selectNodes(fleet, 'node[1:2]'))).toEqual([
      { name: 'node1', previous: 'active', changed: true },
      { name: 'node2', previous: 'pause', changed: true },
    ])
    expect([availability('node1'), availability('node2')]).toEqual(['drain', 'drain'])
  })

  it.each(['before', 'while'])(
    'waits for the tasks of a service that is removed %s the drain',
    async when => {
      const { swarm, fleet } = await swarmWithServices()
      swarm.services.run('web', ['id-node1'])
      swarm.services.undying.add('id-node1')
      if (when === 'before') swarm.services.remove('web')
      swarm.also = (_, line) => {
        if (line.includes('--availability drain')) {
          swarm.services.remove('web')
          void fleet.clock.sleep(1500).then(() => swarm.services.undying.delete('id-node1'))
          void fleet.clock.sleep(2500).then(() => swarm.services.drained('id-node1'))
        }
        return undefined
      }
      expect(await drainNodes(fleet, await selectNodes(fleet, 'node1'), 5000)).toMatchObject([
        { name: 'node1' },
      ])
    },
  )

  it('drains all nodes at once, so that no task moves to a node that is drained next', async () => {
    const { swarm, fleet } = await swarmWithServices()
    await drainNodes(fleet, await selectNodes(fleet, 'node[1:2]'))
    const { lines } = swarm.host('mg0')
    const first = lines.findIndex(line => line.includes('--availability drain'))
    expect(lines.slice(first, first + 2)).toEqual([
      'docker node update --availability drain id-node1',
      'docker node update --availability drain id-node2',
    ])
  })

  it('is safe to run again', async () => {
    const { swarm, fleet } = await swarmWithServices()
    await drainNodes(fleet, await selectNodes(fleet, 'node1'))
    expect(await drainNodes(fleet, await selectNodes(fleet, 'node1'))).toEqual([
      { name: 'node1', previous: 'drain', changed: false },
    ])
    expect(swarm.host('mg0').lines.filter(line => line.includes('--availability'))).toHaveLength(1)
  })

  it('restores the nodes if a task finds no other node, and reports the reason', async () => {
    const { swarm, fleet, availability } = await swarmWithServices()
    swarm.services.run('db', ['id-node1'])
    swarm.services.stuck.set('db', 'no suitable node (scheduling constraints not satisfied on 4 nodes)')
    swarm.change('id-node1', { availability: 'pause' })
    await expect(drainNodes(fleet, await selectNodes(fleet, 'node1'), 10)).rejects.toMatchObject({
      code: 'drain-incomplete',
      message: expect.stringMatching(
        /db lacks 1 of 1 tasks elsewhere \(no suitable node .*\)\nnode1 is pause again, as before/,
      ),
    })
    expect(availability('node1')).toBe('pause')
  })

  it('restores only the nodes that still run tasks', async () => {
    const { swarm, fleet, availability } = await swarmWithServices()
    swarm.services.run('agent', ['id-node1', 'id-node2'], { mode: 'global', replicas: 0 })
    swarm.services.undying.add('id-node2')
    await expect(drainNodes(fleet, await selectNodes(fleet, 'node[1:2]'), 10)).rejects.toThrow(
      '1 task of agent still runs there',
    )
    expect([availability('node1'), availability('node2')]).toEqual(['drain', 'active'])
  })

  it('forecasts a job, and names it when its tasks have not ended by the deadline', async () => {
    const { swarm, fleet, availability } = await swarmWithServices()
    swarm.services.run('backup', ['id-node1'], { mode: 'job' })
    const view = await selectNodes(fleet, 'node1')
    expect(await drainImpacts(fleet, view)).toEqual([
      { service: 'backup', kind: 'job', reason: 'a drain does not stop its task; it ends when that has' },
    ])
    await expect(drainNodes(fleet, view, 10)).rejects.toMatchObject({
      message: expect.stringContaining(
        '1 task of backup still runs there (a job, which a drain does not stop)',
      ),
      hint: expect.stringContaining('wait until the jobs have ended'),
      details: { jobs: ['backup'] },
    })
    expect(availability('node1')).toBe('active')
  })

  it('does not wait for a job that may be interrupted', async () => {
    const { swarm, fleet, availability } = await swarmWithServices()
    swarm.services.run('backup', ['id-node1'], { mode: 'job' })
    await drainNodes(fleet, await selectNodes(fleet, 'node1'), 10, ['backup'])
    expect(availability('node1')).toBe('drain')
  })

  it('restores the nodes when interrupted', async () => {
    const { swarm, fleet, availability, whileDraining } = await swarmWithServices()
    swarm.services.run('web', ['id-node1'])
    swarm.services.undying.add('id-node1')
    const interruption = new AbortController()
    whileDraining(() => interruption.abort(new BeltError('interrupted', 'interrupted', { exitCode: 130 })))
    const drain = drainNodes({ ...fleet, signal: interruption.signal }, await selectNodes(fleet, 'node1'))
    await expect(drain).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 })
    expect(availability('node1')).toBe('active')
  })

  it('reports the nodes that could not be restored if no manager is left', async () => {
    const { swarm, fleet, availability } = await swarmWithServices()
    swarm.services.run('web', ['id-node1'])
    swarm.services.undying.add('id-node1')
    const view = await selectNodes(fleet, 'node1')
    swarm.also = () => {
      if (availability('node1') !== 'drain') return undefined
      for (const name of ['mg0', 'mg1', 'mg2'])
        swarm.lose(name, new HostError('unreachable', name, `${name}: no route to host`))
      return undefined
    }
    await expect(drainNodes(fleet, view, 10)).rejects.toMatchObject({
      code: 'no-manager',
      exitCode: 1,
      message: expect.stringContaining('not all could be restored: node1: '),
    })
  })

  it('changes nothing more after the lock is lost, and reports which nodes stay drained', async () => {
    const { swarm, fleet, availability } = await swarmWithServices()
    swarm.services.run('web', ['id-node1', 'id-node2'])
    swarm.services.undying.add('id-node1')
    const clock = new FakeClock()
    const drain = withLock({ ...fleet, clock }, 'belt swarm drain node1 node2', async own =>
      drainNodes(own, await selectNodes(own, 'node[1:2]')),
    )
    drain.catch(() => {})
    await vi.waitFor(() => expect(availability('node2')).toBe('drain'))
    await releaseLock(fleet, async () => {})
    await clock.advance(LEASE_TIMES.renewEveryMs)
    await expect(drain).rejects.toMatchObject({
      code: 'lock-lost',
      exitCode: 6,
      message: 'stopped, because the lock was lost: it was released\nnode[1:2] stay drained',
      details: { drained: ['node1', 'node2'] },
    })
    expect([availability('node1'), availability('node2')]).toEqual(['drain', 'drain'])
  })

  it('does not wait for the tasks of a node that is down', async () => {
    const { swarm, fleet, availability } = await swarmWithServices()
    swarm.services.run('web', ['id-node1'])
    swarm.services.undying.add('id-node1')
    swarm.lose('node1', new HostError('refused', 'node1', 'node1: connection refused'))
    await drainNodes(fleet, await selectNodes(fleet, 'node1'), 10)
    expect(availability('node1')).toBe('drain')
  })

  it('waits for the tasks of nodes whose state a new leader does not know yet', async () => {
    const { swarm, fleet, availability } = await swarmWithServices()
    swarm.services.run('web', ['id-node1'])
    swarm.services.undying.add('id-node1')
    swarm.listsUntilKnown = 2
    await expect(drainNodes(fleet, await selectNodes(fleet, 'node1'), 10)).rejects.toMatchObject({
      code: 'drain-incomplete',
      message: expect.stringContaining('1 task of web still runs there'),
    })
    expect(availability('node1')).toBe('active')
  })

  it('treats a node as alive if its state stays unknown', async () => {
    const { swarm, fleet } = await swarmWithServices()
    swarm.services.run('web', ['id-node1'])
    swarm.services.undying.add('id-node1')
    swarm.listsUntilKnown = Number.POSITIVE_INFINITY
    const view = await selectNodes(fleet, 'node1')
    await expect(drainNodes(fleet, view, 10)).rejects.toThrow('1 task of web still runs there')
  })

  it('does not wait for the tasks of a node that a new leader then reports as down', async () => {
    const { swarm, fleet, availability } = await swarmWithServices()
    swarm.services.run('web', ['id-node1'])
    swarm.services.undying.add('id-node1')
    swarm.listsUntilKnown = 2
    const view = await selectNodes(fleet, 'node1')
    swarm.change('id-node1', { state: 'down' })
    await drainNodes(fleet, view, 10)
    expect(availability('node1')).toBe('drain')
  })

  it("shows what it waits for while a new leader does not know the nodes' state", async () => {
    const { swarm, fleet } = await swarmWithServices()
    const told: string[] = []
    const task = { ...silentProgress.start('Draining'), update: (what: string) => void told.push(what) }
    const telling = { ...fleet, progress: { ...silentProgress, start: () => task } }
    const view = await selectNodes(telling, 'node[1:2]')
    swarm.listsUntilKnown = 1
    await drainNodes(telling, view)
    expect(told).toEqual(['node1, node2: the managers do not know yet whether they are alive'])
  })

  it('uses another manager if the active host does not answer', async () => {
    const { swarm, fleet, availability } = await swarmWithServices()
    swarm.lose('mg0', new HostError('refused', 'mg0', 'mg0: connection refused'))
    await drainNodes(fleet, await selectNodes(fleet, 'node1'))
    expect(availability('node1')).toBe('drain')
  })

  it('continues with another manager if the first one dies during the drain', async () => {
    const { swarm, fleet, whileDraining } = await swarmWithServices()
    swarm.services.run('web', ['id-node1'])
    swarm.services.undying.add('id-node1')
    whileDraining(() => {
      swarm.lose('mg0', new HostError('refused', 'mg0', 'mg0: connection refused'))
      swarm.services.undying.clear()
      swarm.services.drained('id-node1')
    })
    expect(await drainNodes(fleet, await selectNodes(fleet, 'node1'), 20_000)).toEqual([
      { name: 'node1', previous: 'active', changed: true },
    ])
  })

  it('restores the nodes through another manager if the first one dies', async () => {
    const { swarm, fleet, availability, whileDraining } = await swarmWithServices()
    swarm.services.run('web', ['id-node1'])
    swarm.services.undying.add('id-node1')
    whileDraining(() => swarm.lose('mg0', new HostError('refused', 'mg0', 'mg0: connection refused')))
    await expect(drainNodes(fleet, await selectNodes(fleet, 'node1'), 5000)).rejects.toMatchObject({
      code: 'drain-incomplete',
      message: expect.stringContaining('node1 is active again, as before'),
    })
    expect(availability('node1')).toBe('active')
  })

  it('names all machines that are not nodes before it drains any', async () => {
    const { fleet, availability } = await swarmWithServices()
    await expect(selectNodes(fleet, 'node[1:3]')).rejects.toMatchObject({
      code: 'not-a-member',
      exitCode: 3,
      message: 'node3 is not a node of the swarm of prod',
    })
    expect(availability('node1')).toBe('active')
  })
})

describe('drainImpacts', () => {
  it('predicts which services will have downtime', async () => {
    const { swarm, fleet, availability } = await swarmWithServices()
    swarm.services.run('db', ['id-node1'])
    swarm.services.run('web', ['id-node1', 'id-node2'])
    expect(await drainImpacts(fleet, await selectNodes(fleet, 'node1'))).toEqual([
      { service: 'db', kind: 'downtime', reason: 'its only task stops before another one starts' },
    ])
    expect(availability('node1')).toBe('active')
  })
})
