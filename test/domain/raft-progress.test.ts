import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareProgress, RaftLogReader } from '../../src/domain/raft-progress.ts'
import { raftLog } from '../support/raft-log.ts'

function progressOf(bytes: Uint8Array, pieceBytes = bytes.length) {
  const reader = new RaftLogReader()
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.push(bytes.subarray(at, at + pieceBytes))
  return reader.progress
}

const LOG = raftLog([
  { snapshot: { term: 0, index: 0 } },
  { entry: { term: 1, index: 1 } },
  { commit: 1 },
  { entry: { term: 2, index: 2 }, bytes: 500 },
  { entry: { term: 2, index: 300 } },
  { commit: 299 },
])

describe('RaftLogReader', () => {
  it('tells the last decision that is final, and the last entry', () => {
    expect(progressOf(LOG)).toEqual({ commit: 299, lastTerm: 2, lastIndex: 300 })
  })

  it('does not mind how the bytes come', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: LOG.length }), pieceBytes => {
        expect(progressOf(LOG, pieceBytes)).toEqual(progressOf(LOG))
      }),
    )
  })

  it('takes the entry that was written last, also where it replaces later ones', () => {
    const log = raftLog([
      { entry: { term: 1, index: 5 } },
      { entry: { term: 1, index: 6 } },
      { entry: { term: 2, index: 5 } },
      { commit: 4 },
    ])
    expect(progressOf(log)).toEqual({ commit: 4, lastTerm: 2, lastIndex: 5 })
  })

  it('begins at a snapshot that came from the leader, and passes over one of its own', () => {
    const received = raftLog([{ snapshot: { term: 3, index: 900 } }, { commit: 900 }])
    expect(progressOf(received)).toEqual({ commit: 900, lastTerm: 3, lastIndex: 900 })
    const own = raftLog([
      { entry: { term: 4, index: 1000 } },
      { snapshot: { term: 3, index: 900 } },
      { commit: 999 },
    ])
    expect(progressOf(own)).toMatchObject({ lastTerm: 4, lastIndex: 1000 })
  })

  it('reads as far as a log was written that is being written', () => {
    const whole = raftLog([{ entry: { term: 1, index: 7 } }, { commit: 7 }], 0)
    const cut = Buffer.concat([whole, raftLog([{ entry: { term: 1, index: 8 } }], 0).subarray(0, 20)])
    expect(progressOf(cut)).toEqual({ commit: 7, lastTerm: 1, lastIndex: 7 })
  })

  it('knows of nothing where nothing was decided', () => {
    expect(progressOf(Buffer.alloc(4096))).toBeUndefined()
    expect(progressOf(Buffer.alloc(0))).toBeUndefined()
  })

  it('refuses what is no log', () => {
    expect(() => progressOf(Buffer.from([4, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]))).toThrow(
      RangeError,
    )
  })
})

describe('compareProgress', () => {
  const at = (commit: number, lastTerm: number, lastIndex: number) => ({ commit, lastTerm, lastIndex })

  it('sets what is final above what is written, and the term above the length', () => {
    const ordered = [at(5, 9, 99), at(6, 1, 7), at(6, 2, 6), at(6, 2, 8)]
    expect([...ordered].reverse().sort(compareProgress)).toEqual(ordered)
  })
})
