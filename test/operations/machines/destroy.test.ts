import { describe, expect, it } from 'vitest'
import { destroyMachines } from '../../../src/operations/machines/destroy.ts'
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
  return { fleet, going }
}

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
