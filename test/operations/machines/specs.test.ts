import { describe, expect, it } from 'vitest'
import type { Fleet } from '../../../src/operations/fleet.ts'
import { machineSpecs } from '../../../src/operations/machines/specs.ts'
import { FakeDriver } from '../../support/fake-driver.ts'

const fleetOf = (fleet: Partial<Fleet>) =>
  ({
    cluster: 'prod',
    driver: new FakeDriver('prod'),
    declared: [],
    defaultSize: undefined,
    ...fleet,
  }) as Fleet

describe('machineSpecs', () => {
  it('takes the first of several words for the size', () => {
    expect(machineSpecs(fleetOf({}), ['s-1vcpu-1gb', 'mg[0:1]', 'node1'], undefined)).toEqual([
      { name: 'mg0', size: 's-1vcpu-1gb' },
      { name: 'mg1', size: 's-1vcpu-1gb' },
      { name: 'node1', size: 's-1vcpu-1gb' },
    ])
  })

  it('takes a single word for names, with the size of the config', () => {
    expect(machineSpecs(fleetOf({ defaultSize: '1gb' }), ['mg0'], 'local')).toEqual([
      { name: 'mg0', size: '1gb', region: 'local' },
    ])
  })

  it('asks for the names behind a lone size', () => {
    expect(() => machineSpecs(fleetOf({}), ['1gb'], undefined)).toThrow('names of the machines are missing')
  })

  it('asks for a size that nobody gave', () => {
    expect(() => machineSpecs(fleetOf({}), ['mg[0:2]'], undefined)).toThrow('no size is given for mg[0:2]')
  })

  it('makes what the config declares when nothing is named', () => {
    const declared = [
      { pattern: 'mg[0:1]', size: '1gb', groups: [] },
      { pattern: 'node1', region: 'b', groups: ['web'] },
    ]
    expect(machineSpecs(fleetOf({ declared, defaultSize: '512mb' }), [], undefined)).toEqual([
      { name: 'mg0', size: '1gb' },
      { name: 'mg1', size: '1gb' },
      { name: 'node1', size: '512mb', region: 'b' },
    ])
  })

  it('says so when nothing is named and nothing declared', () => {
    expect(() => machineSpecs(fleetOf({}), [], undefined)).toThrow('declares no nodes')
  })
})
