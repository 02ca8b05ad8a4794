import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  groupAfter,
  lossRefusal,
  managersWarning,
  quorumOf,
  quorumRefusal,
  type RaftGroup,
  type RoleChange,
  survivesLoss,
  toleranceOf,
} from '../../src/domain/quorum.ts'

const groups = [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap(managers =>
  Array.from({ length: managers + 1 }, (_, reachable): RaftGroup => ({ managers, reachable })),
)

describe('quorumOf', () => {
  it('is more than half of the managers', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9].map(quorumOf)).toEqual([1, 2, 2, 3, 3, 4, 4, 5, 5])
  })
})

describe('toleranceOf', () => {
  it('tells how many more may be lost', () => {
    expect(groups.filter(group => group.managers === group.reachable).map(toleranceOf)).toEqual([
      0, 0, 1, 1, 2, 2, 3, 3, 4,
    ])
    expect(toleranceOf({ managers: 5, reachable: 3 })).toBe(0)
    expect(toleranceOf({ managers: 5, reachable: 2 })).toBe(-1)
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
    for (const group of groups)
      for (let lost = 0; lost <= group.reachable; lost++)
        expect(survivesLoss(group, lost)).toBe((group.reachable - lost) * 2 > group.managers)
  })
})

describe('lossRefusal', () => {
  it('says in numbers why managers cannot go away at once', () => {
    expect(lossRefusal({ managers: 3, reachable: 3 }, 2)).toBe(
      '3 of 3 managers answer, 2 of them would go, and the swarm needs 2',
    )
  })

  it('refuses exactly the losses that the swarm does not survive, and never the loss of none', () => {
    for (const group of groups)
      for (let lost = 0; lost <= group.reachable; lost++)
        expect(lossRefusal(group, lost) === undefined).toBe(lost === 0 || survivesLoss(group, lost))
  })

  it('never lets through what the same managers, stopped one after the other, would be refused', () => {
    for (const group of groups)
      for (let lost = 0; lost <= group.reachable; lost++)
        if (lossRefusal(group, lost) === undefined)
          expect(quorumRefusal(group, Array(lost).fill('stop'))).toBeUndefined()
  })
})

describe('quorumRefusal', () => {
  it.each<[RaftGroup, RoleChange[], string]>([
    [
      { managers: 3, reachable: 2 },
      ['demote-reachable'],
      '2 of 3 managers answer; after the demotion, 1 of 2 would answer, and the swarm needs 2',
    ],
    [
      { managers: 1, reachable: 1 },
      ['demote-reachable'],
      'the last manager cannot be demoted: the swarm would be lost with it',
    ],
    [
      { managers: 3, reachable: 1 },
      ['demote-unreachable'],
      '1 of 3 managers answer, and the swarm needs 2 to decide anything',
    ],
    [
      { managers: 3, reachable: 2 },
      ['promote'],
      '2 of 3 managers answer; with one more the swarm needs 3 of 4, and would hang if the new one fails to arrive',
    ],
    [
      { managers: 3, reachable: 3 },
      ['demote-reachable', 'demote-reachable', 'demote-reachable'],
      'the last manager cannot be demoted: the swarm would be lost with it',
    ],
  ])('of %o, %o: %s', (group, changes, sentence) => {
    expect(quorumRefusal(group, changes)).toBe(sentence)
  })

  it.each<[RaftGroup, RoleChange[]]>([
    [{ managers: 3, reachable: 3 }, ['demote-reachable']],
    [{ managers: 3, reachable: 2 }, ['demote-unreachable', 'promote']],
    [{ managers: 1, reachable: 1 }, ['promote', 'promote']],
    [{ managers: 5, reachable: 5 }, ['demote-reachable', 'demote-reachable']],
    [{ managers: 2, reachable: 2 }, ['demote-reachable']],
  ])('lets %o pass %o', (group, changes) => {
    expect(quorumRefusal(group, changes)).toBeUndefined()
  })

  const change = fc.constantFrom<RoleChange>('promote', 'demote-reachable', 'demote-unreachable')

  it('lets no sequence have fewer reachable managers than the majority, even while a new one has not arrived', () => {
    fc.assert(
      fc.property(fc.constantFrom(...groups), fc.array(change, { maxLength: 9 }), (group, changes) => {
        fc.pre(quorumRefusal(group, changes) === undefined)
        let now = group
        for (const next of changes) {
          const after = groupAfter(now, next)
          expect(now.reachable * 2).toBeGreaterThan(now.managers)
          expect(after.reachable * 2).toBeGreaterThan(after.managers)
          if (next === 'promote' && now.managers > 1) {
            expect(now.reachable * 2).toBeGreaterThan(after.managers)
          }
          now = after
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('lets a swarm whose managers all answer go to any size, one by one', () => {
    for (let managers = 1; managers < 9; managers++) {
      expect(quorumRefusal({ managers, reachable: managers }, ['promote'])).toBeUndefined()
      if (managers > 1)
        expect(quorumRefusal({ managers, reachable: managers }, ['demote-reachable'])).toBeUndefined()
    }
  })
})

describe('managersWarning', () => {
  it('warns of even numbers, and of more than seven', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9].filter(managers => managersWarning(managers))).toEqual([2, 4, 6, 8, 9])
    expect(managersWarning(4)).toBe(
      '4 managers tolerate the loss of 1, no more than 3 managers tolerate; have 3 or 5',
    )
    expect(managersWarning(2)).toBe(
      '2 managers tolerate the loss of 0, losing either stops the swarm; have 1 or 3',
    )
  })
})
