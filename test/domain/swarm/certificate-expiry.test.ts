import { describe, expect, it } from 'vitest'
import { expiringNodes } from '../../../src/domain/swarm/certificate-expiry.ts'

const DAY = 86_400_000
const NOW = new Date('2026-06-30T00:00:00Z')
const node = (hostname: string, daysAgo: number, state = 'down') => ({
  hostname,
  state,
  updatedAt: new Date(NOW.getTime() - daysAgo * DAY),
})

describe('expiringNodes', () => {
  it('finds nodes that are down for a tenth of the life of a certificate, and when the first may expire', () => {
    const nodes = [node('a', 8), node('b', 10), node('c', 12), node('d', 30, 'ready')]
    expect(expiringNodes(nodes, 90 * DAY, NOW)).toEqual({
      hostnames: ['b', 'c'],
      from: new Date('2026-07-06T00:00:00Z'),
    })
  })

  it('finds none that live, that went down lately, or of which that is not known', () => {
    const nodes = [
      node('a', 8),
      node('b', 99, 'ready'),
      { hostname: 'c', state: 'down', updatedAt: undefined },
    ]
    expect(expiringNodes(nodes, 90 * DAY, NOW)).toBeUndefined()
  })
})
