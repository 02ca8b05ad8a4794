import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ageMs, LEASE_TIMES, LeaseWatch, looksLapsed } from '../../src/domain/lease.ts'

const claim = { token: 't', holder: 'alice@laptop', command: 'belt swarm join mg0 node1', since: '' }
/** A lock that was renewed so long ago by the clocks of the managers. */
const lease = (age: number, version = 'a') => ({
  claim,
  version,
  renewedAt: new Date(1e12),
  readAt: new Date(1e12 + age),
})

describe('a lease', () => {
  it('looks lapsed when it was not renewed for 90 s by the clocks of others', () => {
    expect(looksLapsed(lease(90_000))).toBe(false)
    expect(looksLapsed(lease(90_001))).toBe(true)
  })

  it('is as old as the clocks have it, and never of the future', () => {
    expect(ageMs(lease(30_000))).toBe(30_000)
    expect(ageMs(lease(-60_000))).toBe(0)
  })

  it('outlives several renewals that fail, and the time in which its holder stops', () => {
    expect(LEASE_TIMES.leaseMs).toBeGreaterThan(LEASE_TIMES.renewEveryMs * 4)
    expect(LEASE_TIMES.stopAfterMs).toBeLessThanOrEqual(LEASE_TIMES.leaseMs - LEASE_TIMES.renewEveryMs)
    expect(LEASE_TIMES.watchMs).toBeGreaterThanOrEqual(LEASE_TIMES.stopAfterMs + 10_000)
  })
})

describe('who watches a lock', () => {
  /** What is thought of it at the last of these looks, each at a time of one's own and with what is read. */
  const seen = (...looks: (readonly [atMs: number, ageMs: number, version?: string])[]) => {
    const watch = new LeaseWatch(LEASE_TIMES)
    return looks.map(([atMs, age, version]) => watch.see(lease(age, version), 5e6 + atMs)).at(-1)
  }

  it.each([
    ['young at the first look', [[0, 10_000]], { kind: 'held' }],
    ['old at the first look', [[0, 600_000]], { kind: 'doubtful', leftMs: 80_000 }],
    [
      'old, and unchanged for a while',
      [
        [0, 600_000],
        [20_000, 620_000],
      ],
      { kind: 'doubtful', leftMs: 60_000 },
    ],
    [
      'old, and unchanged for longer than a holder goes on without a renewal',
      [
        [0, 600_000],
        [80_000, 680_000],
      ],
      { kind: 'lapsed' },
    ],
    [
      'made to look old by a clock that is ahead, and renewed',
      [
        [0, 100_000],
        [20_000, 100_000, 'b'],
      ],
      { kind: 'held' },
    ],
    [
      'made to look old by a clock that is ahead, long after a renewal',
      [
        [0, 100_000],
        [20_000, 100_000, 'b'],
        [60_000, 140_000, 'b'],
      ],
      { kind: 'held' },
    ],
    [
      'made to look young by a clock that is behind',
      [
        [0, 0],
        [80_000, 0],
      ],
      { kind: 'held' },
    ],
    [
      'made to look young by a clock that is behind, and unchanged for the lease',
      [
        [0, 0],
        [90_000, 0],
      ],
      { kind: 'lapsed' },
    ],
    [
      'renewed now and then',
      [
        [0, 0],
        [80_000, 0, 'b'],
        [160_000, 0, 'b'],
      ],
      { kind: 'held' },
    ],
  ] as const)('knows what to think of one that is %s', (_, looks, sight) => {
    expect(seen(...looks)).toEqual(sight)
  })

  it('takes none before its holder has stopped, whatever the clocks say and however rarely it is renewed', () => {
    const { stopAfterMs, lookEveryMs } = LEASE_TIMES
    const gaps = fc.array(fc.integer({ min: 1, max: stopAfterMs }), { maxLength: 6 })
    const lateness = fc.integer({ min: 0, max: 1000 })
    const skew = fc.integer({ min: -1e9, max: 1e9 })
    const firstLook = fc.integer({ min: 0, max: 7 * stopAfterMs })
    fc.assert(
      fc.property(gaps, lateness, skew, firstLook, (between, lateMs, skewMs, firstLookMs) => {
        let lastMs = 0
        const renewals = [0, ...between.map(gap => (lastMs += gap))]
        const stoppedAtMs = lastMs + stopAfterMs + lateMs
        const watch = new LeaseWatch(LEASE_TIMES)
        for (let nowMs = firstLookMs; nowMs < stoppedAtMs; nowMs += lookEveryMs) {
          const renewedAtMs = renewals.findLast(time => time <= nowMs) ?? 0
          const sight = watch.see(lease(nowMs - renewedAtMs + skewMs, String(renewedAtMs)), nowMs)
          if (sight.kind === 'lapsed') return false
        }
        return true
      }),
    )
  })
})
