import { describe, expect, it } from 'vitest'
import type { LedgerRow } from '../../../src/domain/swarm/ledger.ts'
import { type VerdictInput, verdictOf } from '../../../src/domain/swarm/verdict.ts'

const fine: LedgerRow = { name: 'mg0', nodeId: 'n0', class: 'ok', detail: '', mend: undefined }
const healthy: VerdictInput = {
  group: { managers: 3, reachable: 3 },
  nodesKnown: true,
  leaderless: false,
  notUnderstood: false,
  allOutside: false,
  whyNot: undefined,
  rows: [fine],
}

describe('verdictOf', () => {
  it.each<[string, Partial<VerdictInput>, string]>([
    ['all that is there works', {}, 'healthy'],
    ['a machine has not joined', { rows: [fine, { ...fine, class: 'unjoined' }] }, 'healthy'],
    ['a manager does not answer', { group: { managers: 3, reachable: 2 } }, 'degraded'],
    ['a node is a ghost', { rows: [fine, { ...fine, class: 'ghost' }] }, 'degraded'],
    ['too few managers answer', { nodesKnown: false, group: { managers: 3, reachable: 1 } }, 'quorum-lost'],
    [
      'enough managers answer, and say that none leads',
      { nodesKnown: false, leaderless: true },
      'quorum-lost',
    ],
    [
      'too few managers are counted, and the answer of an engine is not understood',
      { nodesKnown: false, notUnderstood: true, group: { managers: 3, reachable: 1 } },
      'unknown',
    ],
    ['all managers answer, and one read of the nodes failed', { nodesKnown: false }, 'unknown'],
    ['no manager answers', { nodesKnown: false, group: { managers: 3, reachable: 0 } }, 'unknown'],
    ['every machine says that it is in no swarm', { nodesKnown: false, allOutside: true }, 'no-swarm'],
  ])('when %s', (_, change, verdict) => {
    expect(verdictOf({ ...healthy, ...change }).verdict).toBe(verdict)
  })

  it('says that the next loss stops the swarm', () => {
    expect(verdictOf({ ...healthy, group: { managers: 3, reachable: 2 } }).problems).toEqual([
      '2 of 3 managers are reachable, and the swarm needs 2; the loss of one more stops the swarm',
    ])
  })
})
