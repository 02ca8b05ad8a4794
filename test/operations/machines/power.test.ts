import { describe, expect, it } from 'vitest'
import type { Driver } from '../../../src/drivers/driver.ts'
import { reboot, resize, shutDown, startUp } from '../../../src/operations/machines/power.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeHost } from '../../support/fake-host.ts'

function fleetOf(...names: string[]) {
  const driver = new FakeDriver().with(...names)
  return { driver, fleet: fakeFleet(driver, name => new FakeHost(name, () => ({}))) }
}

const statuses = (machines: readonly { name: string; status: string }[]) =>
  machines.map(({ name, status }) => `${name} ${status}`)

describe('the power of machines', () => {
  it('is switched off and on', async () => {
    const { driver, fleet } = fleetOf('node1', 'node2')
    const stopped = await shutDown(fleet, await driver.list())
    expect(statuses(stopped.machines)).toEqual(['node1 off', 'node2 off'])
    const started = await startUp(fleet, stopped.machines)
    expect(statuses(started.machines)).toEqual(['node1 active', 'node2 active'])
  })

  it('reports a machine that failed as it was, beside the others', async () => {
    const { driver, fleet } = fleetOf('node1', 'node2')
    driver.failNext('reboot', 'node1')
    const { machines, failures } = await reboot(fleet, await driver.list())
    expect(failures.map(({ name }) => name)).toEqual(['node1'])
    expect(machines.map(({ name }) => name)).toEqual(['node1', 'node2'])
  })

  it('is refused where the driver has no switch', async () => {
    const { driver, fleet } = fleetOf('node1')
    const without: Driver = Object.assign(Object.create(driver), { name: 'static', shutdown: undefined })
    await expect(shutDown({ ...fleet, driver: without }, await driver.list())).rejects.toMatchObject({
      code: 'not-supported',
      exitCode: 2,
    })
  })
})

describe('resize', () => {
  it('stops what runs, resizes it and starts it again', async () => {
    const { driver, fleet } = fleetOf('node1')
    const { machines } = await resize(fleet, await driver.list(), '2gb', false)
    expect(machines).toMatchObject([{ name: 'node1', status: 'active', memoryMiB: 2048 }])
    expect(driver.calls).toEqual(['shutdown node1', 'resize node1', 'start node1'])
  })

  it('leaves off what was off', async () => {
    const { driver, fleet } = fleetOf('node1')
    const { machines: off } = await shutDown(fleet, await driver.list())
    const { machines } = await resize(fleet, off, '2gb', false)
    expect(machines).toMatchObject([{ status: 'off', memoryMiB: 2048 }])
  })

  it('starts a machine again whose resize failed', async () => {
    const { driver, fleet } = fleetOf('node1', 'node2')
    driver.failNext('resize', 'node1')
    const { machines, failures } = await resize(fleet, await driver.list(), '2gb', false)
    expect(failures.map(({ name }) => name)).toEqual(['node1'])
    expect(machines.map(({ status, memoryMiB }) => [status, memoryMiB])).toEqual([
      ['active', 512],
      ['active', 2048],
    ])
  })

  it('does not touch a machine that could not be stopped', async () => {
    const { driver, fleet } = fleetOf('node1', 'node2')
    driver.failNext('shutdown', 'node1')
    const { failures } = await resize(fleet, await driver.list(), '2gb', false)
    expect(failures.map(({ name }) => name)).toEqual(['node1'])
    expect(driver.calls).not.toContain('resize node1')
    expect(driver.calls).not.toContain('start node1')
  })
})
