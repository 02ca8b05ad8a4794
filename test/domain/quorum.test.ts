import { describe, expect, it } from 'vitest'
import { quorumOf, survivesLoss } from '../../src/domain/quorum.ts'

describe('quorumOf', () => {
  it('is more than half of the managers', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9].map(quorumOf)).toEqual([1, 2, 2, 3, 3, 4, 4, 5, 5])
  })
})

describe('survivesLoss', () => {
  it('allows one of three reachable managers to go', () => {
    expect(survivesLoss({ managers: 3, reachable: 3 }, 1)).toBe(true)
    expect(survivesLoss({ managers: 3, reachable: 3 }, 2)).toBe(false)
  })

  it('allows none to go when one is unreachable already', () => {
    expect(survivesLoss({ managers: 3, reachable: 2 }, 1)).toBe(false)
  })

  it('never allows a swarm of one or two managers to lose one', () => {
    expect(survivesLoss({ managers: 1, reachable: 1 }, 1)).toBe(false)
    expect(survivesLoss({ managers: 2, reachable: 2 }, 1)).toBe(false)
  })

  it('never leaves fewer than a majority of any group', () => {
    for (let managers = 1; managers <= 9; managers++)
      for (let reachable = 0; reachable <= managers; reachable++)
        for (let lost = 0; lost <= reachable; lost++)
          expect(survivesLoss({ managers, reachable }, lost)).toBe((reachable - lost) * 2 > managers)
  })
})
