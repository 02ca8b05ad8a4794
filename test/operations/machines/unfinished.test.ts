import { describe, expect, it } from 'vitest'
import { OUTCOME_UNKNOWN } from '../../../src/drivers/driver.ts'
import { BeltError } from '../../../src/errors.ts'
import { createMachines } from '../../../src/operations/machines/create.ts'
import { destroyMachines, selectForRemoval, sweepUp } from '../../../src/operations/machines/destroy.ts'
import { orphanMachines } from '../../../src/operations/machines/orphans.ts'
import { unfinishedCreates } from '../../../src/operations/machines/unfinished.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet, fakeJournal } from '../../support/fake-fleet.ts'
import { FakeHost } from '../../support/fake-host.ts'

const specs = (...names: string[]) => names.map(name => ({ name, size: '1gb' }))

function fleetWith(...names: string[]) {
  const driver = new FakeDriver().with(...names)
  const creates = fakeJournal()
  const fleet = fakeFleet(driver, name => new FakeHost(name, () => ({})), { creates })
  return { driver, creates, fleet }
}

/** As a create that was killed leaves it: `made` of the ordered machines exist. */
async function killedCreate(ordered: string[], made: string[]) {
  const { driver, creates, fleet } = fleetWith(...made)
  await creates.begin(ordered)
  return { driver, creates, fleet }
}

describe('a create that ends', () => {
  it('leaves nothing open, also for machines that the driver refused', async () => {
    const { driver, creates, fleet } = fleetWith()
    driver.failNext('create', 'node2', new BeltError('sold-out', 'no room'))
    await createMachines(fleet, specs('node1', 'node2'))
    expect(creates.entries).toMatchObject([{ names: ['node1', 'node2'], open: [] }])
  })

  it('leaves open what may or may not have been made', async () => {
    const { driver, creates, fleet } = fleetWith()
    driver.failNext('create', 'node2', new TypeError('socket hang up'))
    await createMachines(fleet, specs('node1', 'node2'))
    expect(creates.entries[0]?.open).toEqual(['node2'])
  })

  it('leaves open what the driver itself does not know', async () => {
    const { driver, creates, fleet } = fleetWith()
    driver.failNext(
      'create',
      'node1',
      new BeltError(OUTCOME_UNKNOWN, 'cannot tell whether node1 was created'),
    )
    await createMachines(fleet, specs('node1'))
    expect(creates.entries[0]?.open).toEqual(['node1'])
  })

  it('leaves nothing open when nothing was attempted', async () => {
    const { driver, creates, fleet } = fleetWith()
    driver.create = () => Promise.reject(new Error('wrong token'))
    await expect(createMachines(fleet, specs('node1'))).rejects.toThrow('wrong token')
    expect(creates.entries[0]?.open).toEqual([])
  })
})

describe('a create that did not end', () => {
  it('is told with what is missing and how to go on', async () => {
    const { driver, fleet } = await killedCreate(['node1', 'node2', 'node3'], ['node1', 'mg0'])
    expect(await unfinishedCreates(fleet, await driver.list())).toEqual({
      existing: ['node1'],
      missing: ['node2', 'node3'],
    })
  })

  it('is completed by the same create', async () => {
    const { driver, fleet } = await killedCreate(['node1', 'node2'], ['node1'])
    await createMachines(fleet, specs('node1', 'node2'))
    expect(await unfinishedCreates(fleet, await driver.list())).toEqual({ existing: [], missing: [] })
    expect(await driver.list()).toHaveLength(2)
  })

  it('is removed by rm, the names included that never became machines', async () => {
    const { driver, fleet } = await killedCreate(['node1', 'node2'], ['node1'])
    await destroyMachines(fleet, await selectForRemoval(fleet, ['node[1:2]']))
    expect(await unfinishedCreates(fleet, await driver.list())).toEqual({ existing: [], missing: [] })
  })

  it('stays open after rm while a machine may still turn up in the list', async () => {
    const { driver, fleet } = await killedCreate(['node1', 'node2'], ['node1'])
    driver.listLagMs = 60_000
    await destroyMachines(fleet, await selectForRemoval(fleet, ['node[1:2]']))
    expect(await unfinishedCreates(fleet, await driver.list())).toEqual({ existing: [], missing: ['node2'] })
  })

  it('is completed only once the list shows what it has made', async () => {
    const { driver, fleet } = await killedCreate(['node1', 'node2'], [])
    driver.listLagMs = 400
    setTimeout(() => driver.with('node1'), 200)
    await createMachines(fleet, specs('node1', 'node2'))
    expect(driver.calls).toEqual(['create node1', 'create node2'])
    expect(await driver.list()).toMatchObject([{ id: 'fake-1' }, { id: 'fake-2' }])
  })

  it('makes no difference to names that nobody ordered', async () => {
    const { fleet } = await killedCreate(['node1'], ['node1'])
    await expect(selectForRemoval(fleet, ['node7'])).rejects.toThrow('no machine named node7')
  })
})

describe('selectForRemoval', () => {
  it('finds all of nothing, so that a teardown can be run again', async () => {
    const { fleet } = fleetWith()
    expect(await selectForRemoval(fleet, ['*'])).toEqual([])
    expect(await selectForRemoval(fleet, ['@all'])).toEqual([])
  })

  it('closes every unfinished create when all is removed', async () => {
    const { driver, fleet } = await killedCreate(['node1', 'node2'], ['node1'])
    await destroyMachines(fleet, await selectForRemoval(fleet, ['*']))
    expect(await unfinishedCreates(fleet, await driver.list())).toEqual({ existing: [], missing: [] })
  })

  it('takes any other pattern without a match for a mistake', async () => {
    const { fleet } = fleetWith('mg0')
    await expect(selectForRemoval(fleet, ['nod*'])).rejects.toMatchObject({ code: 'no-match' })
  })
})

describe('sweepUp', () => {
  const swept = (driver: FakeDriver) => {
    const calls: number[] = []
    const destroy = driver.destroy.bind(driver)
    driver.destroy = (machines, options) => {
      calls.push(machines.length)
      return destroy(machines, options)
    }
    return calls
  }

  it('removes what a cluster without machines has, and no machine', async () => {
    const { driver, fleet } = fleetWith()
    const calls = swept(driver)
    await sweepUp(fleet)
    expect(calls).toEqual([0])
  })

  it('waits while a machine may still turn up', async () => {
    const { driver, fleet } = await killedCreate(['node1'], [])
    driver.listLagMs = 60_000
    const calls = swept(driver)
    await sweepUp(fleet)
    expect(calls).toEqual([])
  })
})

describe('strayMachines', () => {
  it('are those of unfinished creates, and those that nobody here ordered', async () => {
    const { fleet } = await killedCreate(['node1', 'node2'], ['node1', 'mg0'])
    expect((await orphanMachines(fleet)).map(({ name, why }) => [name, why])).toEqual([
      ['mg0', 'unknown'],
      ['node1', 'unfinished'],
    ])
  })

  it('are none after a create that ended', async () => {
    const { fleet } = fleetWith()
    await createMachines(fleet, specs('node1', 'node2'))
    expect(await orphanMachines(fleet)).toEqual([])
  })

  it('include a machine whose name is known but whose create is not', async () => {
    const { driver, fleet } = fleetWith()
    await createMachines(fleet, specs('node1'))
    const machines = driver.vendor.machinesOf(driver.cluster)
    const [machine] = [...machines.values()]
    if (machine) machines.set(machine.name, { ...machine, operation: 'from-elsewhere' })
    expect((await orphanMachines(fleet)).map(({ why }) => why)).toEqual(['unknown'])
  })
})
