import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { contentsOn, plainContainersOn } from '../../../src/operations/machines/contents.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'

const container = (name: string, state = 'running') => ({ Id: name, Names: [`/${name}`], State: state })

async function fleetOfTwo() {
  const swarm = new FakeSwarm()
  const driver = new FakeDriver().with('node1', 'node2')
  const fleet = fakeFleet(driver, name => swarm.host(name))
  swarm.containers.set('node1', [container('pg'), container('old', 'exited')])
  swarm.volumes.set('node1', [{ Name: 'pgdata' }])
  return { swarm, fleet, machines: await driver.list() }
}

describe('what a host has besides tasks', () => {
  it('stays where it is in a drain, if it runs', async () => {
    const { fleet, machines } = await fleetOfTwo()
    expect(await plainContainersOn(fleet, machines)).toEqual([
      { name: 'node1', containers: ['pg'], volumes: [], unknown: undefined },
    ])
  })

  it('is lost with the machine, volumes and containers that do not run included', async () => {
    const { fleet, machines } = await fleetOfTwo()
    expect(await contentsOn(fleet, machines)).toEqual([
      { name: 'node1', containers: ['pg', 'old'], volumes: ['pgdata'], unknown: undefined },
    ])
  })

  it('is unknown, never nothing, where a host does not answer', async () => {
    const { swarm, fleet, machines } = await fleetOfTwo()
    swarm.host('node2').down = new HostError('refused', 'node2', 'node2: connection refused')
    expect(await contentsOn(fleet, machines)).toMatchObject([
      { name: 'node1' },
      { name: 'node2', unknown: 'node2: connection refused' },
    ])
  })

  it('costs one request for each host in a drain', async () => {
    const { swarm, fleet, machines } = await fleetOfTwo()
    await plainContainersOn(fleet, machines)
    expect(['node1', 'node2'].map(name => swarm.host(name).lines.length)).toEqual([1, 1])
  })
})
