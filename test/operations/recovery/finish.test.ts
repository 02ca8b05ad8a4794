import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { withLock } from '../../../src/operations/lock.ts'
import { type FinishOptions, finishRecovery } from '../../../src/operations/recovery/finish.ts'
import { forceCluster } from '../../../src/operations/recovery/force.ts'
import { planRecovery } from '../../../src/operations/recovery/plan.ts'
import { findManager } from '../../../src/operations/swarm/find-manager.ts'
import { createLockRequest } from '../../../src/remote/lock.ts'
import { isMembershipRead, membership } from '../../support/engine-answers.ts'
import { certificate } from '../../support/fake-certificates.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { fakeLock } from '../../support/fake-fleet.ts'
import { swarmOfFour } from '../../support/lost-quorum.ts'

const HASTE = { returnMs: 1, workersMs: 1 }

/** Two of four managers are lost; `mg2` is chosen, `mg3` lives. */
async function halfLost(returning: readonly string[] = []) {
  const lost = await swarmOfFour()
  lost.disks.commits.set('mg2', 100).set('mg3', 90)
  lost.disks.returning = returning
  await lost.turnOff('mg0', 'mg1')
  const { fleet, swarm } = lost
  const plan = async () => {
    const found = await planRecovery(fleet, { name: undefined, assumeLost: [] })
    if (found.kind !== 'force') throw new Error('there is a quorum')
    return found
  }
  const finish = async (assumeLost: readonly string[] = [], options: Partial<FinishOptions> = {}) => {
    const [manager] = (await fleet.driver.list()).filter(({ name }) => name === 'mg2')
    const chosen = await findManager(fleet, manager ? [manager] : [])
    return finishRecovery(fleet, chosen, { assumeLost, ...HASTE, ...options })
  }
  /** The same by a clock on which no wait for the lock takes any time. */
  const finishByClock = (clock: FakeClock, forced: boolean) => {
    const finishing = async () => {
      const [manager] = (await fleet.driver.list()).filter(({ name }) => name === 'mg2')
      const chosen = await findManager(fleet, manager ? [manager] : [])
      return finishRecovery({ ...fleet, clock }, chosen, { assumeLost: [], ...HASTE, forced })
    }
    return clock.run(finishing())
  }
  const rows = () => swarm.nodes().map(({ hostname, role, reachability }) => [hostname, role, reachability])
  return { ...lost, plan, finish, finishByClock, rows }
}

const CLAIM = { token: 'bob', holder: 'bob@laptop', command: 'belt tune', since: '2026-03-01T08:00:00Z' }

const REUNITED = [
  ['mg2', 'manager', 'reachable'],
  ['node1', 'worker', undefined],
  ['mg3', 'manager', 'reachable'],
]

describe('a new cluster out of one manager', () => {
  it('is made, and its manager becomes the active host', async () => {
    const { fleet, swarm, plan } = await halfLost()
    expect((await forceCluster(fleet, await plan())).machine.name).toBe('mg2')
    expect(swarm.host('mg2').lines.filter(line => line.includes('--force-new-cluster'))).toHaveLength(1)
    expect(await fleet.activeHost.get()).toBe('mg2')
  })

  it('is not made when the managers have changed since the plan, or decide again', async () => {
    const { fleet, swarm, turnOff, plan } = await halfLost()
    const old = await plan()
    await turnOff('mg3')
    await expect(forceCluster(fleet, old)).rejects.toMatchObject({ code: 'changed-meanwhile', exitCode: 3 })
    swarm.leaderless = false
    await expect(forceCluster(fleet, old)).rejects.toMatchObject({ code: 'quorum-there' })
    expect(swarm.host('mg2').lines.join()).not.toContain('--force-new-cluster')
  })
})

describe('a new cluster that falls silent as soon as it is made', () => {
  it('is not told as if nothing had been changed', async () => {
    const { fleet, swarm, plan } = await halfLost()
    const activeHost = {
      ...fleet.activeHost,
      set: async () => {
        swarm.host('mg2').down = new HostError('unreachable', 'mg2', 'no route')
      },
    }
    await expect(forceCluster({ ...fleet, activeHost }, await plan())).rejects.toMatchObject({
      code: 'recovery-unfinished',
      exitCode: 1,
      message: expect.stringContaining('the new cluster runs on mg2'),
    })
  })
})

describe('the end of a recovery', () => {
  it('waits for former managers that come back by themselves, and takes the lost ones off the list', async () => {
    const { fleet, swarm, plan, finish, rows } = await halfLost(['mg3'])
    await forceCluster(fleet, await plan())
    const recovered = await finish()
    expect(recovered).toMatchObject({ manager: 'mg2', workers: { back: ['node1'], missing: [] } })
    expect(recovered.removed.map(({ host, ok }) => [host, ok])).toEqual([
      ['mg0', true],
      ['mg1', true],
    ])
    expect(rows()).toEqual(expect.arrayContaining(REUNITED))
    expect(swarm.host('mg3').lines.join()).not.toContain('swarm leave')
  })

  it('takes one that does not come back out and in again, with its labels and its availability', async () => {
    const { fleet, swarm, plan, finish, rows } = await halfLost()
    swarm.change('old-mg3', { labels: { zone: 'a' }, availability: 'drain' })
    await forceCluster(fleet, await plan())
    const { rejoined } = await finish()
    expect(rejoined).toMatchObject([{ host: 'mg3', ok: true, value: true }])
    expect(rows()).toEqual(REUNITED)
    expect(swarm.node('mg3')).toMatchObject({ labels: { zone: 'a' }, availability: 'drain' })
    const said = swarm.host('mg2').lines.map(line => line.split(' ').slice(0, 3).join(' '))
    expect(said.indexOf('docker node demote')).toBeGreaterThan(0)
  })

  it('joins a manager with the address that its machine has by then', async () => {
    const { fleet, swarm, plan, finish, moveTo } = await halfLost()
    await forceCluster(fleet, await plan())
    const { also } = swarm
    const advertised: string[] = []
    swarm.also = (name, line, input) => {
      if (name === 'mg3' && line.includes('swarm leave')) moveTo('mg3', '10.99.7.7')
      advertised.push(
        ...[...input.toString().matchAll(/"AdvertiseAddr":"([^"]+)"/g)].flatMap(([, to = '']) => to),
      )
      return also(name, line, input)
    }
    await finish()
    expect(advertised).toEqual(['10.99.7.7'])
  })

  it('takes over the lock of one who died with the old swarm, once that has lapsed', async () => {
    const { fleet, swarm, plan, finishByClock, rows } = await halfLost(['mg3'])
    const clock = new FakeClock()
    await forceCluster(fleet, await plan())
    await swarm.host('mg2').run(createLockRequest(CLAIM))
    await expect(finishByClock(clock, false)).rejects.toMatchObject({ code: 'locked', exitCode: 6 })
    expect(await finishByClock(clock, true)).toMatchObject({ manager: 'mg2' })
    expect(rows()).toEqual(expect.arrayContaining(REUNITED))
  })

  it('says that the new cluster runs where another holds the lock for longer', async () => {
    const { fleet, plan, finishByClock } = await halfLost(['mg3'])
    const clock = new FakeClock()
    await forceCluster(fleet, await plan())
    let release = () => {}
    const released = new Promise<void>(resolve => {
      release = resolve
    })
    const bob = { ...fleet, clock, lock: fakeLock('bob@laptop') }
    const holding = withLock(bob, 'belt tune', () => released)
    await expect(finishByClock(clock, true)).rejects.toMatchObject({
      code: 'recovery-unfinished',
      exitCode: 1,
      message: expect.stringMatching(/^the new cluster runs on mg2, .*Locked by: bob@laptop/),
      hint: expect.stringContaining('belt swarm recover'),
    })
    release()
    await holding
  })

  it('goes on where it was broken off between the leaving and the joining', async () => {
    const { fleet, swarm, plan, finish, rows } = await halfLost()
    await forceCluster(fleet, await plan())
    swarm.faults.set('mg3', { refusal: 'connection refused' })
    await fleet.activeHost.set('mg0')
    const broken = await finish()
    expect(await fleet.activeHost.get()).toBe('mg2')
    expect(broken.rejoined).toMatchObject([{ host: 'mg3', ok: false }])
    expect(rows()).toContainEqual(['mg3', 'manager', undefined])
    swarm.faults.clear()
    expect(await planRecovery(fleet, { name: undefined, assumeLost: [] })).toMatchObject({ kind: 'finish' })
    expect((await finish()).rejoined).toMatchObject([{ host: 'mg3', ok: true }])
    expect(rows()).toEqual(REUNITED)
    await expect(planRecovery(fleet, { name: undefined, assumeLost: [] })).rejects.toMatchObject({
      code: 'quorum-there',
    })
  })

  it('keeps the old node of one that could not join, whatever its host is called', async () => {
    const { fleet, swarm, plan, finish } = await halfLost()
    swarm.change('old-mg3', { hostname: 'ip-10-0-0-3', labels: { zone: 'a' } })
    await forceCluster(fleet, await plan())
    swarm.faults.set('mg3', { refusal: 'connection refused' })
    const broken = await finish()
    expect(broken.rejoined).toMatchObject([{ host: 'mg3', ok: false }])
    expect(broken.removed.map(({ host }) => host)).toEqual(['mg0', 'mg1'])
    swarm.faults.clear()
    expect((await finish()).rejoined).toMatchObject([{ host: 'mg3', ok: true }])
    expect(swarm.node('mg3').labels).toEqual({ zone: 'a' })
  })

  it('keeps the node of a machine that does not answer, unless it is known to be lost', async () => {
    const { fleet, swarm, plan, finish } = await halfLost()
    await forceCluster(fleet, await plan())
    swarm.host('mg3').down = new HostError('refused', 'mg3', 'mg3: connection refused')
    const unsure = await finish()
    expect(unsure.removed.map(({ host }) => host)).toEqual(['mg0', 'mg1'])
    expect(unsure.rejoined).toMatchObject([
      {
        host: 'mg3',
        ok: false,
        error: { code: 'unknown-manager', message: expect.stringContaining('may be alive') },
      },
    ])
    const sure = await finish(['mg3'])
    expect(sure.removed.map(({ host }) => host)).toEqual(['mg3'])
    expect(sure.rejoined).toEqual([])
  })

  it('knows a former manager by its certificate while its engine starts its node anew', async () => {
    const { fleet, swarm, plan, finish } = await halfLost()
    await forceCluster(fleet, await plan())
    const { also } = swarm
    swarm.also = (name, line, input) => {
      const restarts = name === 'mg3' && !swarm.host('mg3').lines.some(said => said.includes('swarm leave'))
      if (restarts && isMembershipRead(input)) return membership({ LocalNodeState: 'pending' })
      if (restarts && line.startsWith('cat '))
        return { stdout: certificate('cluster-one', 'manager', 'old-mg3') }
      return also(name, line, input)
    }
    expect((await finish()).rejoined).toMatchObject([{ host: 'mg3', ok: true, value: true }])
  })

  it('names workers that are not back', async () => {
    const { fleet, swarm, plan, finish } = await halfLost(['mg3'])
    await forceCluster(fleet, await plan())
    swarm.change('old-node1', { state: 'down' })
    expect((await finish()).workers).toEqual({ back: [], missing: ['node1'] })
  })
})
