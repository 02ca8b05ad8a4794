import { describe, expect, it } from 'vitest'
import type { Machine } from '../../../src/drivers/driver.ts'
import { declaredDrift } from '../../../src/operations/machines/declared-drift.ts'
import { FakeDriver } from '../../support/fake-driver.ts'

const machine = (name: string, change: Partial<Machine> = {}): Machine => ({
  id: name,
  name,
  status: 'active',
  memoryMiB: 1024,
  region: 'eu-central-1a',
  ...change,
})
const drift = (pattern: string, place: object, machines: Machine[]) =>
  declaredDrift({ declared: [{ pattern, groups: [], ...place }], driver: new FakeDriver() }, machines)

describe('what differs from the nodes of the config', () => {
  it('is nothing where the config has no nodes', () => {
    expect(declaredDrift({ declared: [], driver: new FakeDriver() }, [machine('mg0')])).toEqual([])
  })

  it('is nothing where all machines are as declared', () => {
    const machines = [machine('node1'), machine('node2', { memoryMiB: 1536 })]
    expect(drift('node[1:2]', { size: '1gb', region: 'eu-central-1' }, machines)).toEqual([])
  })

  it('is machines that are missing, and those that are not declared', () => {
    expect(drift('node[1:3]', {}, [machine('node1'), machine('old')])).toEqual([
      'the config has node2, node3, and no machine has these names: belt create',
      'the nodes of the config do not include old',
    ])
  })

  it('is another size, and another region', () => {
    expect(drift('node1', { size: '4gb', region: 'nyc3' }, [machine('node1')])).toEqual([
      'the config wants node1 of size 4gb: belt resize 4gb node1',
      'the config wants node1 in nyc3',
    ])
  })
})
