import { describe, expect, it, vi } from 'vitest'
import { LEASE_TIMES } from '../../../src/domain/lease.ts'
import { keepLock } from '../../../src/operations/lock/keep.ts'
import type { LockStore } from '../../../src/operations/lock/store.ts'

const claim = { token: 't', holder: 'alice', command: 'x', since: '' }
const lease = { claim, version: '1', renewedAt: new Date(), readAt: new Date() }
const TIMES = { ...LEASE_TIMES, renewEveryMs: 5 }

/** A place that has the lock of `claim`. */
function store(change: Partial<LockStore>): LockStore {
  const never = () => Promise.reject(new Error('not asked for'))
  return { place: 'a test', create: never, read: async () => lease, replace: never, remove: never, ...change }
}

describe('keepLock', () => {
  it('tries again what fails', async () => {
    const ended = new AbortController()
    const replace = vi
      .fn<LockStore['replace']>()
      .mockRejectedValueOnce(new Error('no route'))
      .mockResolvedValue(true)
    const keeping = keepLock(store({ replace }), claim, TIMES, ended.signal)
    await vi.waitFor(() => expect(replace.mock.calls.length).toBeGreaterThan(2))
    ended.abort()
    await keeping
  })

  it('gives up when renewing fails for too long, with the last cause', async () => {
    const replace = async () => Promise.reject(new Error('no route'))
    const keeping = keepLock(
      store({ replace }),
      claim,
      { ...TIMES, stopAfterMs: 30 },
      new AbortController().signal,
    )
    await expect(keeping).rejects.toMatchObject({
      code: 'lock-lost',
      exitCode: 6,
      message: expect.stringContaining('another may take it: no route'),
    })
  })

  it('gives up in time where nothing answers at all', async () => {
    const read = () => new Promise<undefined>(() => {})
    const keeping = keepLock(
      store({ read }),
      claim,
      { ...TIMES, stopAfterMs: 30 },
      new AbortController().signal,
    )
    await expect(keeping).rejects.toMatchObject({
      code: 'lock-lost',
      message: expect.stringContaining('no answer within'),
    })
  })

  it('gives up at once when another has it', async () => {
    const other = { ...lease, claim: { ...claim, token: 'u', holder: 'bob' } }
    const keeping = keepLock(store({ read: async () => other }), claim, TIMES, new AbortController().signal)
    await expect(keeping).rejects.toMatchObject({ message: expect.stringContaining('bob took it') })
  })
})
