import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type GroupChange, lossRefusal, quorumRefusal, type RaftGroup } from '../../../src/domain/quorum.ts'
import { BeltError } from '../../../src/errors.ts'
import {
  assertQuorumSurvives,
  assertQuorumSurvivesLoss,
  assertSpareManager,
  groupOf,
  quorumError,
} from '../../../src/operations/swarm/quorum-guard.ts'

const anyGroup = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.nat(9))
  .map(([managers, reachable]): RaftGroup => ({ managers, reachable: Math.min(managers, reachable) }))
const anyChanges = fc.array(
  fc.constantFrom<GroupChange>('promote', 'demote-reachable', 'demote-unreachable', 'stop', 'return'),
  { maxLength: 6 },
)

function refusalOf(work: () => void): BeltError | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof BeltError) return error
    throw error
  }
}

describe('groupOf', () => {
  it('counts the managers, and those that answer', () => {
    expect(
      groupOf([
        { reachability: 'reachable', state: 'ready' },
        { reachability: 'unreachable', state: 'down' },
        { reachability: undefined, state: 'ready' },
      ]),
    ).toEqual({ managers: 2, reachable: 1 })
  })

  it('does not count a lost manager whose address another machine has now', () => {
    const living = { reachability: 'reachable', state: 'ready' } as const
    const ghost = { reachability: 'reachable', state: 'down' } as const
    expect(groupOf([living, living, living, ghost])).toEqual({ managers: 4, reachable: 3 })
  })
})

describe('assertQuorumSurvives', () => {
  it('refuses with the numbers, and the group as details', () => {
    expect(
      refusalOf(() => assertQuorumSurvives({ managers: 3, reachable: 2 }, ['demote-reachable'])),
    ).toMatchObject({
      code: 'quorum',
      exitCode: 5,
      message:
        'refused: 2 of 3 managers answer; after the demotion, 1 of 2 would answer, and the swarm needs 2',
      hint: expect.stringContaining('bring the unreachable managers back'),
      details: { managers: 3, reachable: 2 },
    })
  })

  it('suggests promotions if all managers answer', () => {
    expect(refusalOf(() => assertQuorumSurvives({ managers: 2, reachable: 2 }, ['stop']))?.hint).toContain(
      'belt swarm promote',
    )
  })

  it('includes the action, the host and the hint of the caller', () => {
    const context = { action: 'restart mg1', host: 'mg1', hint: 'wait' }
    expect(
      refusalOf(() => assertQuorumSurvives({ managers: 1, reachable: 1 }, ['stop'], context)),
    ).toMatchObject({
      message: expect.stringMatching(/^refused to restart mg1: /),
      host: 'mg1',
      hint: 'wait',
    })
  })

  it('throws exactly where the domain refuses', () => {
    fc.assert(
      fc.property(anyGroup, anyChanges, (group, changes) => {
        const refusal = quorumRefusal(group, changes)
        expect(refusalOf(() => assertQuorumSurvives(group, changes))?.message).toBe(
          refusal && `refused: ${refusal}`,
        )
      }),
    )
  })
})

describe('assertQuorumSurvivesLoss', () => {
  it('throws exactly where the domain refuses', () => {
    fc.assert(
      fc.property(anyGroup, fc.nat(9), (group, lost) => {
        const refusal = lossRefusal(group, lost)
        const error = refusalOf(() => assertQuorumSurvivesLoss(group, lost))
        expect(error?.message).toBe(refusal && `refused: ${refusal}`)
        if (error) expect(error).toMatchObject({ code: 'quorum', exitCode: 5, details: group })
      }),
    )
  })
})

describe('assertSpareManager', () => {
  it.each([
    [1, 'one manager'],
    [2, 'two managers'],
  ])('refuses a swarm of %i', (managers, words) => {
    expect(refusalOf(() => assertSpareManager({ managers, reachable: managers }))).toMatchObject({
      code: 'quorum',
      exitCode: 5,
      message: expect.stringContaining(words),
      hint: expect.stringContaining('--allow-outage'),
    })
  })

  it('accepts three', () => {
    expect(refusalOf(() => assertSpareManager({ managers: 3, reachable: 3 }))).toBeUndefined()
  })
})

describe('quorumError', () => {
  it('always ends the process with exit code 5', () => {
    expect(quorumError('because')).toMatchObject({ code: 'quorum', exitCode: 5, message: 'refused: because' })
  })
})
