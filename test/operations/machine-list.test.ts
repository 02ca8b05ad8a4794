import { beforeEach, describe, expect, it } from 'vitest'
import type { Fleet } from '../../src/operations/fleet.ts'
import { withLock, withMachinesLock } from '../../src/operations/lock.ts'
import { createMachines } from '../../src/operations/machines/create.ts'
import { destroyMachines, selectForRemoval } from '../../src/operations/machines/destroy.ts'
import { assertSwarmCanSpare, swarmImpact } from '../../src/operations/machines/impact.ts'
import { shutDown } from '../../src/operations/machines/power.ts'
import { namesAll, selectMachines } from '../../src/operations/select-machines.ts'
import { changeRoles } from '../../src/operations/swarm/change-roles.ts'
import { drainImpacts, drainNodes } from '../../src/operations/swarm/drain.ts'
import { joinNodes } from '../../src/operations/swarm/join.ts'
import { labelNodes } from '../../src/operations/swarm/label.ts'
import { selectNodes } from '../../src/operations/swarm/select-nodes.ts'
import { swarmStatus } from '../../src/operations/swarm/status.ts'
import { planUpgrade } from '../../src/operations/upgrade/plan.ts'
import { FakeDriver } from '../support/fake-driver.ts'
import { fakeFleet, remembered } from '../support/fake-fleet.ts'
import { FakeSite } from '../support/fake-site.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'

const NAMES = ['mg0', 'mg1', 'mg2', 'node1', 'spare']

class CountingDriver extends FakeDriver {
  listings = 0

  override async list() {
    this.listings += 1
    return super.list()
  }
}

let driver: CountingDriver
let swarm: FakeSwarm
let fleet: Fleet

beforeEach(() => {
  driver = new CountingDriver().with(...NAMES)
  swarm = new FakeSwarm()
  for (const name of ['mg0', 'mg1', 'mg2']) swarm.enrol(name, 'manager')
  swarm.enrol('node1', 'worker')
  fleet = fakeFleet(driver, name => swarm.host(name), { activeHost: remembered('mg0') })
})

const remove = async (own: Fleet) => {
  const machines = await selectForRemoval(own, ['node1'])
  await swarmImpact(own, await own.machines.list(), machines, false)
  await destroyMachines(own, machines)
}

const stop = async (own: Fleet) => {
  const machines = await selectMachines(own, 'node1')
  await assertSwarmCanSpare(own, machines, false)
  await shutDown(own, machines)
}

const drain = async (own: Fleet) => {
  const selection = await selectNodes(own, '@workers')
  await drainImpacts(own, selection)
  await drainNodes(own, selection)
}

const COMMANDS: [string, (own: Fleet) => Promise<unknown>][] = [
  ['join', own => joinNodes(own, { manager: 'mg0', nodes: 'spare', role: 'worker' })],
  ['label', own => labelNodes(own, ['@workers'], { set: new Map([['zone', 'a']]), remove: [] })],
  ['drain', drain],
  ['promote', async own => changeRoles(own, await selectNodes(own, 'role=worker'), 'manager')],
  ['status', swarmStatus],
  ['rm', remove],
  ['shutdown', stop],
]

describe('the machines', () => {
  it.each(COMMANDS)('are listed once: %s', async (_, command) => {
    await command(fleet)
    expect(driver.listings).toBe(1)
  })

  it('are listed once: the plan of an upgrade', async () => {
    const site = new FakeSite(3, 1)
    const own = site.fleet()
    let listings = 0
    const list = site.driver.list.bind(site.driver)
    site.driver.list = () => {
      listings += 1
      return list()
    }
    const options = { allowOutage: true, allowDowntime: false, maxUnavailable: '1' }
    const upgrade = { kind: 'command', line: 'maintain' } as const
    await planUpgrade(own, { role: 'worker', words: ['@workers'], upgrade, options, anyVersion: false })
    expect(listings).toBe(1)
  })

  it.each(COMMANDS)(
    'are listed again under the lock, because others may have changed them before: %s',
    async (_, command) => {
      await withLock(fleet, 'belt test', command)
      expect(driver.listings).toBe(2)
    },
  )

  it('are listed once to ask whether all of them go, and to open the lock', async () => {
    await withMachinesLock(fleet, 'belt rm node1', { endsSwarm: await namesAll(fleet, ['node1']) }, remove)
    expect(driver.listings).toBe(2)
  })

  it('that are destroyed are those that are listed under the lock', async () => {
    await namesAll(fleet, ['node1'])
    const before = (await driver.list()).find(({ name }) => name === 'node1')
    await driver.destroy([before].flatMap(machine => machine ?? []))
    driver.with('node1')
    await withMachinesLock(fleet, 'belt rm node1', {}, remove)
    expect((await driver.list()).map(({ name }) => name)).not.toContain('node1')
  })
})

describe('a list of machines', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['created', () => createMachines(fleet, [{ name: 'node2', size: '1gb' }])],
    ['destroyed', async () => destroyMachines(fleet, await selectMachines(fleet, 'spare'))],
    ['shut down', async () => shutDown(fleet, await selectMachines(fleet, 'spare'))],
  ])('is read anew once machines were %s', async (_, change) => {
    await fleet.machines.list()
    await change()
    expect(await fleet.machines.list()).toEqual(await driver.list())
  })

  it('is shared by those who ask at the same time', async () => {
    await Promise.all([fleet.machines.list(), fleet.machines.list()])
    expect(driver.listings).toBe(1)
  })

  it('that could not be read is read at the next call', async () => {
    driver.vendor.down = new Error('the vendor is down')
    await expect(fleet.machines.list()).rejects.toThrow('the vendor is down')
    driver.vendor.down = undefined
    expect(await fleet.machines.list()).toHaveLength(NAMES.length)
  })
})
