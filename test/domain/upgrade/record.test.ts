import { describe, expect, it } from 'vitest'
import { labelsOf, recordKeys, recordOf, type UpgradeRecord } from '../../../src/domain/upgrade/record.ts'

const RECORD: UpgradeRecord = {
  machine: 'mg1',
  upgrade: { kind: 'command', line: "apt-get -y dist-upgrade && echo 'a=b'" },
  options: { maxUnavailable: '10%', allowOutage: true, allowDowntime: false },
  by: 'alice@laptop',
  since: '2026-03-01T08:00:00.000Z',
  all: 'mg[0:2]',
  degraded: { nodes: ['q8wnode'], services: { zb3web: 2 } },
  state: 'out',
  role: 'manager',
  availability: 'pause',
  boot: 'boot-1',
}

describe('the record of an upgrade', () => {
  it('is read back from labels', () => {
    const labels = Object.fromEntries(labelsOf(RECORD))
    expect(recordOf({ zone: 'a', ...labels })).toEqual(RECORD)
    expect(recordKeys({ zone: 'a', ...labels })).toEqual([...labelsOf(RECORD).keys()])
  })

  it('tells that the upgrade is given up', () => {
    const given = { ...RECORD, isGivenUp: true }
    expect(recordOf(Object.fromEntries(labelsOf(given)))).toEqual(given)
  })

  it('is never written where it could not be read back', () => {
    const upgrade = { kind: 'command', line: '' } as const
    expect(() => labelsOf({ ...RECORD, upgrade })).toThrow('its label belt.upgrade.to is command ')
  })

  it('has no label for what ails where all is well', () => {
    const well = { ...RECORD, degraded: { nodes: [], services: {} } }
    const labels = labelsOf(well)
    expect([...labels.keys()]).not.toContain('belt.upgrade.ailing')
    expect(recordOf(Object.fromEntries(labels))).toEqual(well)
  })

  it('stays small where very much ails', () => {
    const nodes = Array.from({ length: 5000 }, (_, index) => `q8w${index}`)
    const text = labelsOf({ ...RECORD, degraded: { nodes, services: { zb3web: 2 } } }).get(
      'belt.upgrade.ailing',
    )
    expect(text?.split(' ')).toEqual(nodes.slice(0, 200))
  })

  it('is not there on a node that has none', () => {
    expect(recordOf({ zone: 'a' })).toBeUndefined()
  })

  it.each(['to', 'state', 'role', 'availability'])('makes no sense without its %s', key => {
    const labels = Object.fromEntries(labelsOf(RECORD))
    delete labels[`belt.upgrade.${key}`]
    expect(() => recordOf(labels)).toThrow(`its label belt.upgrade.${key} is missing`)
  })
})
