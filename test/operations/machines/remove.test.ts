import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { type DestructionPlan, removeMachines } from '../../../src/operations/machines/remove.ts'
import { swarmStatus } from '../../../src/operations/swarm/status.ts'
import { describeRetirement } from '../../../src/ui/impact.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { FlyingClock } from '../../support/flying-clock.ts'

async function swarmOfFive() {
  const swarm = new FakeSwarm()
  const names = ['mg0', 'mg1', 'mg2', 'node1', 'node2']
  for (const name of names) swarm.enrol(name, name.startsWith('mg') ? 'manager' : 'worker')
  const driver = new FakeDriver().with(...names, 'spare')
  const fleet = fakeFleet(driver, name => swarm.host(name), { clock: new FlyingClock() })
  await fleet.activeHost.set('mg0')
  const plans: DestructionPlan[] = []
  const remove = (words: string[], force = false) =>
    removeMachines(fleet, words, {
      swarmLost: false,
      force,
      confirm: async plan => void plans.push(plan),
    })
  const changes = () =>
    swarm.host('mg0').lines.filter(line => /docker node (update|promote|demote|rm)/.test(line))
  const listed = () => swarm.nodes().map(({ hostname }) => hostname)
  return { swarm, driver, fleet, remove, changes, listed, plans }
}

describe('destroying machines that are members of a swarm', () => {
  it('takes them out of the swarm first, and leaves it healthy', async () => {
    const { swarm, fleet, remove, changes, plans } = await swarmOfFive()
    expect(await remove(['node2', 'spare'])).toMatchObject({ destroyed: ['node2', 'spare'], failures: [] })
    expect(changes()).toEqual(['docker node update --availability drain id-node2', 'docker node rm id-node2'])
    expect(swarm.host('node2').lines).toContain('docker swarm leave')
    expect(await swarmStatus(fleet)).toMatchObject({ verdict: 'healthy' })
    expect(plans.flatMap(({ retirement }) => retirement && describeRetirement(retirement))).toEqual([
      'node2 will be taken out of the swarm first: drained and removed',
    ])
  })

  it('demotes a manager, so that the others count one less', async () => {
    const { remove, changes, fleet } = await swarmOfFive()
    await remove(['mg2'])
    expect(changes()).toContain('docker node demote id-mg2')
    expect((await swarmStatus(fleet)).group).toEqual({ managers: 2, reachable: 2 })
  })

  it('removes one that does not answer once its machine is gone', async () => {
    const { swarm, remove, changes, listed } = await swarmOfFive()
    swarm.lose('mg2', new HostError('unreachable', 'mg2', 'no route to host'))
    expect(await remove(['mg2'])).toMatchObject({ destroyed: ['mg2'], failures: [] })
    expect(changes()).toEqual(['docker node demote id-mg2', 'docker node rm id-mg2'])
    expect(listed()).not.toContain('mg2')
  })

  it('destroys none that answers if one that does not cannot be demoted', async () => {
    const { swarm, driver, remove } = await swarmOfFive()
    swarm.lose('mg2', new HostError('unreachable', 'mg2', 'no route to host'))
    swarm.also = (_, line) =>
      line.startsWith('docker node demote') ? { code: 1, stderr: 'rpc error: deadline exceeded' } : undefined
    const { destroyed, failures } = await remove(['mg2', 'node1'])
    expect(destroyed).toEqual([])
    expect(failures).toMatchObject([
      { name: 'mg2' },
      { name: 'node1', error: { code: 'not-tried', message: 'node1: not tried, because mg2 failed' } },
    ])
    expect(driver.calls.filter(call => call.startsWith('destroy'))).toEqual([])
  })

  it('destroys nothing while services have no other node, and names the way out', async () => {
    const { swarm, driver, remove } = await swarmOfFive()
    swarm.services.run('db', ['id-node1'])
    swarm.services.stuck.set('db', 'no suitable node')
    await expect(remove(['node1'])).rejects.toMatchObject({
      code: 'drain-incomplete',
      hint: expect.stringContaining('belt rm --force'),
    })
    expect(driver.calls.filter(call => call.startsWith('destroy'))).toEqual([])
  })

  it('destroys them as they are with --force', async () => {
    const { remove, changes } = await swarmOfFive()
    expect(await remove(['node1'], true)).toMatchObject({ destroyed: ['node1'] })
    expect(changes()).toEqual([])
  })

  it('drains nothing if the whole cluster goes', async () => {
    const { remove, changes, plans } = await swarmOfFive()
    expect((await remove(['@all'])).destroyed).toHaveLength(6)
    expect(changes()).toEqual([])
    expect(plans).toMatchObject([{ impact: { kind: 'none' }, retirement: undefined }])
  })
})
