import { describe, expect, it } from 'vitest'
import {
  howToFinish,
  labelsOf,
  phaseContextOf,
  recordKeys,
  recordOf,
  type UpgradeRecord,
} from '../../../src/domain/upgrade/record.ts'

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

  it('tells that the upgrade is being aborted', () => {
    const given = { ...RECORD, isAborting: true }
    expect(recordOf(Object.fromEntries(labelsOf(given)))).toEqual(given)
  })

  it('is never written when it could not be read back', () => {
    const upgrade = { kind: 'command', line: '' } as const
    expect(() => labelsOf({ ...RECORD, upgrade })).toThrow('its label belt.upgrade.to is command ')
  })

  it('has no label for degraded nodes and services in a healthy swarm', () => {
    const well = { ...RECORD, degraded: { nodes: [], services: {} } }
    const labels = labelsOf(well)
    expect([...labels.keys()]).not.toContain('belt.upgrade.ailing')
    expect(recordOf(Object.fromEntries(labels))).toEqual(well)
  })

  it('stays small in a very degraded swarm', () => {
    const nodes = Array.from({ length: 5000 }, (_, index) => `q8w${index}`)
    const text = labelsOf({ ...RECORD, degraded: { nodes, services: { zb3web: 2 } } }).get(
      'belt.upgrade.ailing',
    )
    expect(text?.split(' ')).toEqual(nodes.slice(0, 200))
  })

  it('is undefined for a node without one', () => {
    expect(recordOf({ zone: 'a' })).toBeUndefined()
  })

  it.each(['to', 'state', 'role', 'availability'])('is not valid without its %s', key => {
    const labels = Object.fromEntries(labelsOf(RECORD))
    delete labels[`belt.upgrade.${key}`]
    expect(() => recordOf(labels)).toThrow(`its label belt.upgrade.${key} is missing`)
  })
})

describe('a node with a record', () => {
  it.each([
    ['waiting', false],
    ['out', false],
    ['done', true],
    ['finished', false],
  ] as const)('that is %s only has to come back: %s', (state, isReturning) => {
    expect(phaseContextOf({ ...RECORD, state })).toMatchObject({ isReturning, takeOutMode: 'unchecked' })
  })

  it('only has to come back when its upgrade is being aborted', () => {
    expect(phaseContextOf({ ...RECORD, isAborting: true }, 'demote')).toEqual({
      upgrade: RECORD.upgrade,
      role: 'manager',
      availability: 'pause',
      takeOutMode: 'demote',
      isReturning: true,
    })
  })
})

describe('an unfinished upgrade', () => {
  it('can be resumed or aborted', () => {
    expect(howToFinish([RECORD])).toMatch(/belt upgrade --resume .*; belt upgrade --abort /)
  })

  it('can only be aborted once any of its records tells so', () => {
    const hint = howToFinish([RECORD, { ...RECORD, isAborting: true }])
    expect(hint).toContain('belt upgrade --abort')
    expect(hint).not.toContain('--resume')
  })
})
