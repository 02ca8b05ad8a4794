import { describe, expect, it } from 'vitest'
import { HostError } from '../../../src/hosts/errors.ts'
import { createMachines } from '../../../src/operations/machines/create.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeHost } from '../../support/fake-host.ts'

const specs = (...names: string[]) => names.map(name => ({ name, size: '1gb' }))
const answering = (name: string) => new FakeHost(name, () => ({}))

describe('createMachines', () => {
  it('makes what is missing and leaves the rest as it is', async () => {
    const fleet = fakeFleet(new FakeDriver().with('mg0'), answering)
    const creation = await createMachines(fleet, specs('mg0', 'mg1'))
    expect(creation.machines.map(machine => machine.name)).toEqual(['mg0', 'mg1'])
    expect(creation.existing).toEqual(['mg0'])
    expect(creation.failures).toEqual([])
  })

  it('forgets old host keys of the names that it makes, and of no others', async () => {
    const fleet = fakeFleet(new FakeDriver().with('mg0'), answering)
    await createMachines(fleet, specs('mg0', 'mg1'))
    expect(fleet.forgotten).toEqual(['mg1'])
  })

  it('reports a machine that could not be made beside those that were', async () => {
    const fleet = fakeFleet(new FakeDriver().failNext('create', 'mg1'), answering)
    const creation = await createMachines(fleet, specs('mg0', 'mg1', 'mg2'))
    expect(creation.failures.map(failure => failure.name)).toEqual(['mg1'])
    expect(creation.machines.map(machine => machine.name)).toEqual(['mg0', 'mg2'])
  })

  it('reports a machine that never answers, and still shows that it exists', async () => {
    const silent = new HostError('host-key', 'mg1', 'mg1: its key is not the one known')
    const fleet = fakeFleet(new FakeDriver(), name =>
      Object.assign(answering(name), name === 'mg1' && { down: silent }),
    )
    const creation = await createMachines(fleet, specs('mg0', 'mg1'))
    expect(creation.failures).toEqual([{ name: 'mg1', error: silent }])
    expect(creation.machines).toHaveLength(2)
  })

  it('says what exists when it is interrupted, and how to go on', async () => {
    const controller = new AbortController()
    const driver = new FakeDriver()
    driver.vendor.delayMs = 20
    const fleet = fakeFleet(driver, answering, { signal: controller.signal })
    const created = createMachines(fleet, specs('n1', 'n2', 'n3', 'n4', 'n5', 'n6'))
    setTimeout(() => controller.abort(new Error('Ctrl-C')), 30)
    await expect(created).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 })
    await expect(created).rejects.toThrow(/^interrupted: .*(n\[1:6\] exist now|no machine was created)$/)
    await expect(created).rejects.toHaveProperty('hint', expect.stringContaining("belt rm 'n[1:6]'"))
  })

  it('changes nothing when the vendor cannot be reached', async () => {
    const driver = new FakeDriver()
    driver.vendor.down = new Error('no engine')
    const fleet = fakeFleet(driver, answering)
    await expect(createMachines(fleet, specs('mg0'))).rejects.toMatchObject({ exitCode: 3 })
    expect(fleet.forgotten).toEqual([])
  })
})
