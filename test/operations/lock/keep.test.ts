import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
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
      message: expect.stringContaining('no answer'),
    })
  })

  describe('on a computer that sleeps', () => {
    /** Lets time pass for the clock on the wall alone, as it does while a computer sleeps. */
    const sleepFor = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds)
    beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
    afterEach(() => void vi.useRealTimers())

    it.each([
      ['between two renewals', { read: async () => lease, replace: async () => true }, 600_000],
      ['during a renewal', { read: () => new Promise<undefined>(() => {}) }, 5],
    ])('gives up soon after it has slept for too long %s', async (_, change, renewEveryMs) => {
      const signal = new AbortController().signal
      const keeping = keepLock(store(change), claim, { ...LEASE_TIMES, renewEveryMs }, signal)
      setTimeout(sleepFor, 50, 75_000)
      await expect(keeping).rejects.toMatchObject({
        code: 'lock-lost',
        message: expect.stringMatching(/could not be renewed for 75 s, .*: this computer slept/),
      })
    })

    it('goes on after a nap, and after its clock was put back', async () => {
      const ended = new AbortController()
      const replace = vi.fn<LockStore['replace']>().mockResolvedValue(true)
      const keeping = keepLock(
        store({ replace }),
        claim,
        { ...LEASE_TIMES, renewEveryMs: 1200 },
        ended.signal,
      )
      sleepFor(60_000)
      await vi.waitFor(() => expect(replace).toHaveBeenCalledTimes(1), 5000)
      sleepFor(-600_000)
      await vi.waitFor(() => expect(replace).toHaveBeenCalledTimes(2), 5000)
      ended.abort()
      await keeping
    })
  })

  it('gives up at once when another has it', async () => {
    const other = { ...lease, claim: { ...claim, token: 'u', holder: 'bob' } }
    const keeping = keepLock(store({ read: async () => other }), claim, TIMES, new AbortController().signal)
    await expect(keeping).rejects.toMatchObject({ message: expect.stringContaining('bob took it') })
  })
})
