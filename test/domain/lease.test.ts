import { describe, expect, it } from 'vitest'
import { isExpired, LEASE_MS, RENEW_EVERY_MS, remainingMs } from '../../src/domain/lease.ts'

const claim = { token: 't', holder: 'alice@laptop', command: 'belt swarm join mg0 node1', since: '' }
const lease = (ageMs: number) => ({ claim, renewedAt: new Date(1e12), readAt: new Date(1e12 + ageMs) })

describe('a lease', () => {
  it('lasts until it was not renewed for 90 s', () => {
    expect(isExpired(lease(LEASE_MS))).toBe(false)
    expect(isExpired(lease(LEASE_MS + 1))).toBe(true)
    expect(remainingMs(lease(30_000))).toBe(60_000)
    expect(remainingMs(lease(LEASE_MS * 2))).toBe(0)
  })

  it('lasts when the clock of the reader is behind', () => {
    expect(isExpired(lease(-60_000))).toBe(false)
  })

  it('outlives several renewals that fail', () => {
    expect(LEASE_MS).toBeGreaterThan(RENEW_EVERY_MS * 4)
  })
})
