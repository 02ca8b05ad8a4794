import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { planRecovery } from '../../../src/operations/recovery/plan.ts'
import { isMembershipRead, membership } from '../../support/engine-answers.ts'
import { FlyingClock } from '../../support/flying-clock.ts'
import { swarmOfFour } from '../../support/lost-quorum.ts'

const plan = (lost: Awaited<ReturnType<typeof swarmOfFour>>, assumeLost: string[] = [], name?: string) =>
  planRecovery(lost.fleet, { name, assumeLost })

describe('the plan of a recovery', () => {
  it('takes the manager that heard of the most decisions, and names what is lost', async () => {
    const lost = await swarmOfFour(new FlyingClock())
    lost.disks.commits.set('mg2', 90).set('mg3', 100)
    await lost.turnOff('mg0', 'mg1')
    expect(await plan(lost)).toMatchObject({
      kind: 'force',
      clusterId: 'cluster-one',
      chosen: { name: 'mg3', progress: { commit: 100 } },
      survivors: [{ name: 'mg3' }, { name: 'mg2' }],
      lost: [
        { name: 'mg0', why: 'its machine is off', off: true },
        { name: 'mg1', why: 'its machine is off' },
      ],
    })
    expect(await plan(lost, [], 'mg2')).toMatchObject({ chosen: { name: 'mg2' } })
    await expect(plan(lost, [], 'node1')).rejects.toMatchObject({ code: 'no-such-manager', exitCode: 2 })
  })

  it('is made for managers that were started again without a quorum, too', async () => {
    const lost = await swarmOfFour(new FlyingClock())
    await lost.turnOff('mg0', 'mg1', 'mg2')
    lost.swarm.set('mg3', { state: 'pending' })
    expect(await plan(lost)).toMatchObject({ kind: 'force', chosen: { name: 'mg3' } })
  })

  it('is refused while the quorum is there', async () => {
    const { fleet, swarm } = await swarmOfFour(new FlyingClock())
    swarm.leaderless = false
    await expect(planRecovery(fleet, { name: undefined, assumeLost: [] })).rejects.toMatchObject({
      code: 'quorum-there',
      exitCode: 3,
    })
  })

  it('is refused while a login user may not read a manager, whatever is assumed lost', async () => {
    const lost = await swarmOfFour(new FlyingClock())
    await lost.turnOff('mg0')
    lost.swarm.host('mg1').deny('engine')
    await expect(plan(lost, ['mg1'])).rejects.toMatchObject({ code: 'engine-denied', exitCode: 3 })
  })

  it('is refused while a manager may live that cannot be read', async () => {
    const lost = await swarmOfFour(new FlyingClock())
    await lost.turnOff('mg0')
    lost.swarm.host('mg1').down = new HostError('unreachable', 'mg1', 'mg1: no route to host')
    lost.swarm.host('mg2').down = new HostError('refused', 'mg2', 'mg2: connection refused')
    await expect(plan(lost)).rejects.toMatchObject({
      code: 'unknown-managers',
      exitCode: 3,
      details: { unknown: ['mg1', 'mg2'] },
      hint: expect.stringContaining('--assume-lost mg1,mg2'),
    })
    await expect(plan(lost, ['mg1'])).rejects.toMatchObject({ details: { unknown: ['mg2'] } })
    const byAnyName = ['mg1', lost.swarm.node('mg2').address]
    expect(await plan(lost, byAnyName)).toMatchObject({ kind: 'force', chosen: { name: 'mg3' } })
  })

  it('is refused while a manager starts its node anew, and so does not say which it is', async () => {
    const lost = await swarmOfFour(new FlyingClock())
    await lost.turnOff('mg0')
    const { also } = lost.swarm
    lost.swarm.also = (name, line, input) =>
      ['mg1', 'mg2'].includes(name) && isMembershipRead(input)
        ? membership({ LocalNodeState: 'pending' })
        : also(name, line, input)
    await expect(plan(lost)).rejects.toMatchObject({
      code: 'unknown-managers',
      details: { unknown: ['mg1', 'mg2'] },
    })
  })

  it('does not count a manager as lost because its machine was off when it was last listed', async () => {
    const lost = await swarmOfFour()
    await lost.turnOff('mg0', 'mg1')
    await lost.fleet.machines.list()
    await lost.turnOn('mg1')
    await expect(plan(lost)).rejects.toMatchObject({
      code: 'unknown-managers',
      details: { unknown: ['mg1'] },
    })
  })

  it('is refused when what was called lost lives, or is nobody', async () => {
    const lost = await swarmOfFour(new FlyingClock())
    await lost.turnOff('mg0', 'mg1')
    await expect(plan(lost, ['mg2'])).rejects.toMatchObject({ code: 'not-lost', exitCode: 2 })
    await expect(plan(lost, ['nobody'])).rejects.toMatchObject({ code: 'not-lost' })
    lost.swarm.host('mg2').down = new HostError('refused', 'mg2', 'mg2: connection refused')
    lost.disks.listening.add(`${lost.swarm.node('mg2').address}:2377`)
    await expect(plan(lost, ['mg2'])).rejects.toMatchObject({
      code: 'manager-alive',
      exitCode: 3,
      message: expect.stringContaining('mg3 reaches a manager at'),
    })
  })

  it('knows a manager that has no machine by its address', async () => {
    const lost = await swarmOfFour(new FlyingClock())
    await lost.destroy('mg0', 'mg1')
    const { address } = lost.swarm.node('mg0')
    await expect(plan(lost)).rejects.toMatchObject({
      message: expect.stringContaining(`no machine of prod has the address ${address}`),
    })
    const addresses = ['mg0', 'mg1'].map(name => lost.swarm.node(name).address)
    expect(await plan(lost, addresses)).toMatchObject({ kind: 'force', lost: [{ name: address }, {}] })
  })

  it('is refused with autolock', async () => {
    const lost = await swarmOfFour(new FlyingClock())
    await lost.turnOff('mg0', 'mg1')
    lost.swarm.autolock = true
    await expect(plan(lost)).rejects.toMatchObject({ code: 'autolock', exitCode: 3 })
  })

  it('is to finish what was begun, where former managers are left in a swarm that decides', async () => {
    const { fleet, swarm } = await swarmOfFour(new FlyingClock())
    swarm.leaderless = false
    swarm.change('old-mg0', { reachability: undefined, state: 'down' })
    expect(await planRecovery(fleet, { name: undefined, assumeLost: [] })).toMatchObject({
      kind: 'finish',
      leftovers: [{ hostname: 'mg0' }],
    })
  })
})
