import { recordedDriver } from '../../src/drivers/journaled-driver.ts'
import { StaticDriver } from '../../src/drivers/static/driver.ts'
import { staticOptions } from '../../src/drivers/static/options.ts'
import { BeltError } from '../../src/errors.ts'
import { silentRecorder } from '../../src/record.ts'
import { FakeDriver, FakeVendor } from '../support/fake-driver.ts'
import { driverContract, type MakerUnderTest, makerContract } from './driver.ts'

const names = ['node1', 'node2', 'node3', 'node10'] as const

async function fake(): Promise<MakerUnderTest> {
  const vendor = new FakeVendor()
  const down = new FakeVendor()
  down.down = new Error('the cloud is out')
  vendor.delayMs = 5
  const driver = new FakeDriver('mine', vendor)
  const soldOut = new BeltError('sold-out', 'no machine of this name is left', { hint: 'take another' })
  driver.failNext('create', 'impossible', soldOut, Number.POSITIVE_INFINITY)
  return {
    driver,
    neighbour: new FakeDriver('theirs', vendor),
    unreachable: new FakeDriver('mine', down),
    names,
    impossible: 'impossible',
    leaveHalfMade: async name => void vendor.begin('mine', name),
    dispose: async () => {},
  }
}

async function recorded(): Promise<MakerUnderTest> {
  const { driver, ...rest } = await fake()
  return { ...rest, driver: recordedDriver(driver, silentRecorder) }
}

driverContract('the fake', fake)
makerContract('the fake', fake)
driverContract('a recorded driver', recorded)
makerContract('a recorded driver', recorded)

driverContract('static', async () => {
  const inventory = (name: string) => ({
    hosts: [{ name: `${name}[1:3,10]`, address: '10.0.0.[1:3,10]', private_address: '10.1.0.[1:3,10]' }],
  })
  return {
    driver: new StaticDriver(staticOptions.parse(inventory('node'))),
    neighbour: new StaticDriver(staticOptions.parse(inventory('other'))),
    names,
    impossible: 'node4',
    dispose: async () => {},
  }
})
