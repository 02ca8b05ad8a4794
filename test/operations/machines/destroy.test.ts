import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { destroyMachines, swarmImpact } from '../../../src/operations/machines/destroy.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'

async function swarmOfFive() {
  const swarm = new FakeSwarm()
  for (const name of ['mg0', 'mg1', 'mg2']) swarm.enrol(name, 'manager')
  for (const name of ['node1', 'node2']) swarm.enrol(name, 'worker')
  const driver = new FakeDriver().with('mg0', 'mg1', 'mg2', 'node1', 'node2')
  const fleet = fakeFleet(driver, name => swarm.host(name))
  await fleet.activeHost.set('mg0')
  const all = await driver.list()
  const going = (...names: string[]) => all.filter(machine => names.includes(machine.name))
  return { swarm, fleet, all, going }
}

describe('swarmImpact', () => {
  it('names the managers and workers that would be lost', async () => {
    const { fleet, all, going } = await swarmOfFive()
    expect(await swarmImpact(fleet, all, going('mg2', 'node1'))).toEqual({
      kind: 'known',
      managers: ['mg2'],
      workers: ['node1'],
    })
  })

  it('refuses the loss of the quorum, and says why in numbers', async () => {
    const { fleet, all, going } = await swarmOfFive()
    await expect(swarmImpact(fleet, all, going('mg1', 'mg2'))).rejects.toMatchObject({
      exitCode: 5,
      message: 'refused: 3 of 3 managers answer, 2 of them would go, and the swarm needs 2',
    })
  })

  it('lets the whole cluster go', async () => {
    const { fleet, all } = await swarmOfFive()
    expect(await swarmImpact(fleet, all, all)).toEqual({ kind: 'none' })
  })

  it('refuses the loss of the quorum where no host was ever made active, as in a new working copy', async () => {
    const { fleet, all, going } = await swarmOfFive()
    await fleet.activeHost.clear()
    await expect(swarmImpact(fleet, all, going('mg1', 'mg2'))).rejects.toMatchObject({ exitCode: 5 })
  })

  it('is none where every machine says that it is in no swarm', async () => {
    const swarm = new FakeSwarm()
    const driver = new FakeDriver().with('mg0', 'mg1')
    const all = await driver.list()
    expect(
      await swarmImpact(
        fakeFleet(driver, name => swarm.host(name)),
        all,
        all.slice(1),
      ),
    ).toEqual({
      kind: 'none',
    })
  })

  it('is unknown while a machine that is off could be in a swarm', async () => {
    const swarm = new FakeSwarm()
    const driver = new FakeDriver().with('mg0', 'mg1', 'mg2')
    await driver.shutdown((await driver.list()).slice(0, 1))
    const all = await driver.list()
    const impact = await swarmImpact(
      fakeFleet(driver, name => swarm.host(name)),
      all,
      all.slice(1, 2),
    )
    expect(impact.kind).toBe('unknown')
  })

  it('asks another manager when the active host does not answer', async () => {
    const { swarm, fleet, all, going } = await swarmOfFive()
    swarm.host('mg0').down = new HostError('refused', 'mg0', 'mg0: connection refused')
    expect(await swarmImpact(fleet, all, going('node1'))).toMatchObject({ kind: 'known', workers: ['node1'] })
  })

  it('says that it is unknown when the swarm cannot be asked, which is not the same as none', async () => {
    const { swarm, fleet, all, going } = await swarmOfFive()
    for (const { name } of all) swarm.host(name).down = new HostError('refused', name, 'connection refused')
    expect(await swarmImpact(fleet, all, going('node1'))).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('no manager of prod answers (mg0: connection refused'),
    })
  })
})

describe('destroyMachines', () => {
  it('forgets the host keys of what is gone, and of nothing else', async () => {
    const { fleet, going } = await swarmOfFive()
    ;(fleet.driver as FakeDriver).failNext('destroy', 'node2')
    const destruction = await destroyMachines(fleet, going('node1', 'node2'))
    expect(destruction.destroyed).toEqual(['node1'])
    expect(destruction.failures.map(failure => failure.name)).toEqual(['node2'])
    expect(fleet.forgotten).toEqual(['node1'])
  })

  it('forgets an active host that is gone', async () => {
    const { fleet, going } = await swarmOfFive()
    await destroyMachines(fleet, going('node1'))
    expect(await fleet.activeHost.get()).toBe('mg0')
    await destroyMachines(fleet, going('mg0'))
    expect(await fleet.activeHost.get()).toBeUndefined()
  })
})
