import { describe, expect, it } from 'vitest'
import type { Driver } from '../../src/drivers/driver.ts'
import { recordedDriver } from '../../src/drivers/journaled-driver.ts'
import { StaticDriver } from '../../src/drivers/static/driver.ts'
import { staticOptions } from '../../src/drivers/static/options.ts'
import { BeltError } from '../../src/errors.ts'
import { FakeDriver } from '../support/fake-driver.ts'
import { FakeRecorder } from '../support/fake-recorder.ts'

const specs = [
  { name: 'node1', size: '512mb' },
  { name: 'node2', size: '1gb' },
]

function recorded(driver: Driver = new FakeDriver('prod')) {
  const recorder = new FakeRecorder()
  const changes = () =>
    recorder.acts
      .filter(({ act }) => act.journaled)
      .map(({ act, ending }) => [act.machine, act.what, act.before, ending?.result, ending?.after])
  return { driver: recordedDriver(driver, recorder), inner: driver, recorder, changes }
}

describe('a recorded driver', () => {
  it('tells what became of each machine, with what it was', async () => {
    const { driver, changes, recorder } = recorded()
    await driver.create(specs)
    await driver.shutdown?.(await driver.list())
    await driver.destroy(await driver.list())
    expect(recorder.acts[0]?.act.command).toBe('fake: create node1 512mb')
    expect(changes()).toEqual([
      ['node1', 'Create node1', undefined, 'ok', 'active, 512 MiB'],
      ['node2', 'Create node2', undefined, 'ok', 'active, 512 MiB'],
      ['node1', 'Shutdown node1', 'active, 512 MiB', 'ok', 'off, 512 MiB'],
      ['node2', 'Shutdown node2', 'active, 512 MiB', 'ok', 'off, 512 MiB'],
      ['node1', 'Destroy node1', 'off, 512 MiB', 'ok', 'gone'],
      ['node2', 'Destroy node2', 'off, 512 MiB', 'ok', 'gone'],
    ])
  })

  it('tells the size that machines get', async () => {
    const { driver, recorder } = recorded()
    await driver.create(specs.slice(0, 1))
    await driver.shutdown?.(await driver.list())
    await driver.resize?.(await driver.list(), '2gb', { disk: true })
    expect(recorder.acts.at(-1)).toMatchObject({
      act: { command: 'fake: resize node1 2gb' },
      ending: { after: 'off, 2048 MiB' },
    })
  })

  it('tells of reads as such, with what was read', async () => {
    const { driver, changes, recorder } = recorded()
    await driver.create(specs)
    recorder.acts.length = 0
    await driver.validate()
    await driver.list()
    expect(changes()).toEqual([])
    expect(recorder.acts.map(({ act }) => act.command)).toEqual(['fake: validate', 'fake: list'])
    expect(recorder.acts[1]?.ending?.output?.machines).toMatch(/^node1 .*\nnode2 /)
  })

  it('tells a refusal from what is not known', async () => {
    const { driver, inner, changes } = recorded()
    const fake = inner as FakeDriver
    fake.failNext('create', 'node1', new BeltError('sold-out', 'no machine is left'))
    fake.failNext('create', 'node2', new Error('socket hang up'))
    await driver.create(specs)
    expect(changes().map(([, , , result]) => result)).toEqual(['failed', 'unknown'])
  })

  it('ends what it began when the whole call fails, and lets the failure through', async () => {
    const { driver, inner, recorder } = recorded()
    const fake = inner as FakeDriver
    fake.vendor.down = new Error('the cloud is out')
    await expect(driver.create(specs)).rejects.toMatchObject({ code: 'vendor-down' })
    expect(recorder.acts.map(({ ending }) => ending)).toEqual([
      { result: 'failed', error: 'the cloud is out' },
      { result: 'failed', error: 'the cloud is out' },
    ])
  })

  it('records that hosts are released, which does not change them', async () => {
    const options = staticOptions.parse({ hosts: [{ name: 'node1', address: '10.0.0.1' }] })
    const { driver, changes } = recorded(new StaticDriver(options))
    await driver.destroy(await driver.list())
    expect(changes()).toEqual([['node1', 'Release node1', 'active', 'ok', 'unchanged']])
  })

  it("records the removal of the cluster's shared resources", async () => {
    const { driver, changes } = recorded()
    await driver.destroy([])
    await driver.shutdown?.([])
    expect(changes()).toEqual([
      [undefined, "Destroy the cluster's shared resources", undefined, 'ok', undefined],
    ])
  })

  it('can what the driver can, and no more', () => {
    const options = staticOptions.parse({ hosts: [{ name: 'node1', address: '10.0.0.1' }] })
    expect(recorded(new StaticDriver(options)).driver.resize).toBeUndefined()
    expect(recorded().driver).toMatchObject({ name: 'fake', destroyVerb: 'destroy' })
  })
})
