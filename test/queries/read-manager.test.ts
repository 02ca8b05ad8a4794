import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readRaftProgress } from '../../src/queries/read-manager.ts'
import { FakeHost, type Reply } from '../support/fake-host.ts'
import { FlyingClock } from '../support/flying-clock.ts'
import { raftLog } from '../support/raft-log.ts'

const GOOD = raftLog([{ entry: { term: 2, index: 7 } }, { commit: 7, term: 2 }])
/** A record that says that it is longer than it is. */
const HALF_WRITTEN = Buffer.concat([
  GOOD.subarray(0, 4),
  Buffer.alloc(4),
  Buffer.from([0x0a, 0xff, 0x01]),
  GOOD.subarray(11),
])

/** A manager whose log is printed so, each time it is read, and at last always the same. */
function manager(...logs: Buffer[]) {
  let reads = 0
  const host = new FakeHost('mg1', (): Reply => {
    const stdout = logs[Math.min(reads, logs.length - 1)] ?? ''
    reads += 1
    return { stdout }
  })
  return { host, reads: () => reads }
}

describe('how far a manager has followed its Raft group', () => {
  it('is read from its log', async () => {
    const { host } = manager(gzipSync(GOOD))
    expect(await readRaftProgress(host, { clock: new FlyingClock() })).toEqual({
      commit: 7,
      lastTerm: 2,
      lastIndex: 7,
    })
  })

  it('is read again where the engine was writing', async () => {
    const { host, reads } = manager(gzipSync(HALF_WRITTEN), gzipSync(GOOD))
    expect(await readRaftProgress(host, { clock: new FlyingClock() })).toMatchObject({ commit: 7 })
    expect(reads()).toBe(2)
  })

  it.each([
    ['is half written', gzipSync(HALF_WRITTEN), /cut off/],
    ['is no log', Buffer.from('no such file'), /incorrect header check/],
    ['did not arrive whole', gzipSync(GOOD).subarray(0, -12), /unexpected end of file/],
    ['holds nothing', gzipSync(Buffer.alloc(64)), /it has no committed entry/],
  ])('is not known where its log %s, whichever time it is read', async (_, log, why) => {
    const { host, reads } = manager(log)
    await expect(readRaftProgress(host, { clock: new FlyingClock() })).rejects.toMatchObject({
      code: 'unreadable-answer',
      host: 'mg1',
      message: expect.stringMatching(why),
    })
    expect(reads()).toBe(3)
  })
})
