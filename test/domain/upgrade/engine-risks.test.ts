import { describe, expect, it } from 'vitest'
import { engineObstacle, engineRisks } from '../../../src/domain/upgrade/engine-risks.ts'

const plain = { cgroupV1: false, nftables: false, encrypted: [] }

describe('an upgrade to engine 29', () => {
  it('is told to lower the limit of open files', () => {
    expect(engineRisks('28.5.2', '29.0.1', plain)).toEqual([
      expect.stringContaining('1024 files instead of 1048576'),
    ])
  })

  it('is told to deprecate cgroup v1, and to cut encrypted networks', () => {
    const risks = engineRisks('28.5.2', '29.0.1', { ...plain, cgroupV1: true, encrypted: ['vault', 'db'] })
    expect(risks.join('\n')).toContain('cgroup v1')
    expect(risks.at(-1)).toContain('encrypted networks (vault, db) may pass no traffic')
  })

  it('would not start with nftables', () => {
    expect(engineObstacle('29.0.1', { ...plain, nftables: true })).toContain('does not start')
    expect(engineObstacle('28.5.2', { ...plain, nftables: true })).toBeUndefined()
    expect(engineObstacle('29.0.1', plain)).toBeUndefined()
  })
})

describe('any other upgrade', () => {
  it.each([
    ['20.10.24', '26.1.5'],
    ['29.0.1', '29.1.3'],
  ])('from %s to %s has none of these risks', (from, to) => {
    expect(engineRisks(from, to, { ...plain, cgroupV1: true, encrypted: ['vault'] })).toEqual([])
  })
})
