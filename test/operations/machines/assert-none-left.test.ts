import { describe, expect, it } from 'vitest'
import { assertNoneLeft } from '../../../src/operations/machines/assert-none-left.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeHost } from '../../support/fake-host.ts'

const fleetOn = (driver: FakeDriver) => fakeFleet(driver, name => new FakeHost(name))

describe('a cluster that is about to be removed', () => {
  it('must have no machines, and the refusal names the command that destroys them', async () => {
    const driver = new FakeDriver('prod').with('mg0', 'node1', 'node2')
    await expect(assertNoneLeft(fleetOn(driver))).rejects.toMatchObject({
      code: 'machines-exist',
      exitCode: 3,
      message: 'prod still has 3 machines: mg0, node1, node2',
      hint: 'destroy them first: belt --cluster prod rm @all',
    })
    expect((await driver.list()).length).toBe(3)
  })

  it('is not taken for empty when its machines cannot be listed', async () => {
    const driver = new FakeDriver('prod')
    driver.vendor.down = new Error('401 unauthorized')
    await expect(assertNoneLeft(fleetOn(driver))).rejects.toThrow('401 unauthorized')
  })

  it('passes when its last machine is gone', async () => {
    await assertNoneLeft(fleetOn(new FakeDriver('prod')))
  })
})
