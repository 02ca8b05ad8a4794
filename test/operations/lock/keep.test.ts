import { describe, expect, it, vi } from 'vitest'
import { LEASE_TIMES } from '../../../src/domain/lease.ts'
import { keepLock } from '../../../src/operations/lock/keep.ts'
import type { LockStore } from '../../../src/operations/lock/store.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const { renewEveryMs, stopAfterMs } = LEASE_TIMES

const claim = { token: 't', holder: 'alice', command: 'x', since: '' }
const lease = { claim, version: '1', renewedAt: new Date(), readAt: new Date() }

/** A place that has the lock of `claim`. */
function store(change: Partial<LockStore>): LockStore {
  const never = () => Promise.reject(new Error('not asked for'))
  return { place: 'a test', create: never, read: async () => lease, replace: never, remove: never, ...change }
}

/** Keeps the lock that is in a store, by a clock of its own. */
function keep(change: Partial<LockStore>) {
  const clock = new FakeClock()
  const ended = new AbortController()
  const keeping = keepLock(store(change), claim, LEASE_TIMES, ended.signal, clock)
  // A failure is looked at once the time has passed in which it comes.
  keeping.catch(() => {})
  const end = () => {
    ended.abort()
    return keeping
  }
  return { clock, keeping, end }
}

describe('keepLock', () => {
  it('renews it again and again', async () => {
    const replace = vi.fn<LockStore['replace']>().mockResolvedValue(true)
    const { clock, end } = keep({ replace })
    await clock.advance(10 * renewEveryMs)
    expect(replace).toHaveBeenCalledTimes(10)
    await end()
  })

  it('tries again what fails', async () => {
    const replace = vi
      .fn<LockStore['replace']>()
      .mockRejectedValueOnce(new Error('no route'))
      .mockResolvedValue(true)
    const { clock, end } = keep({ replace })
    await clock.advance(2 * stopAfterMs)
    expect(replace.mock.calls.length).toBeGreaterThan(2)
    await end()
  })

  it('gives up when renewing fails for too long, with the last cause', async () => {
    const { clock, keeping } = keep({ replace: () => Promise.reject(new Error('no route')) })
    await clock.advance(stopAfterMs)
    await expect(keeping).rejects.toMatchObject({
      code: 'lock-lost',
      exitCode: 6,
      message: expect.stringContaining('for 70 s, and another may take it: no route'),
    })
  })

  it('gives up in time where nothing answers at all', async () => {
    const { clock, keeping } = keep({ read: () => new Promise<undefined>(() => {}) })
    await clock.advance(stopAfterMs)
    await expect(keeping).rejects.toMatchObject({
      code: 'lock-lost',
      message: expect.stringContaining('no answer'),
    })
  })

  describe('on a computer that sleeps', () => {
    it.each([
      ['between two renewals', { replace: async () => true }, renewEveryMs / 2],
      ['during a renewal', { read: () => new Promise<undefined>(() => {}) }, renewEveryMs],
    ])('gives up soon after it has slept for too long %s', async (_, change, beforeMs) => {
      const { clock, keeping } = keep(change)
      await clock.advance(beforeMs)
      clock.suspend(600_000)
      await clock.advance(1000)
      await expect(keeping).rejects.toMatchObject({
        code: 'lock-lost',
        message: expect.stringMatching(/could not be renewed for 6\d\d s, .*: this computer slept/),
      })
    })

    it('goes on after a nap, and after its clock was put back', async () => {
      const replace = vi.fn<LockStore['replace']>().mockResolvedValue(true)
      const { clock, end } = keep({ replace })
      clock.suspend(stopAfterMs - renewEveryMs - 1000)
      await clock.advance(renewEveryMs)
      expect(replace).toHaveBeenCalledTimes(1)
      clock.suspend(-600_000)
      await clock.advance(renewEveryMs)
      expect(replace).toHaveBeenCalledTimes(2)
      await end()
    })
  })

  it('gives up at once when another has it', async () => {
    const other = { ...lease, claim: { ...claim, token: 'u', holder: 'bob' } }
    const { clock, keeping } = keep({ read: async () => other })
    await clock.advance(renewEveryMs)
    await expect(keeping).rejects.toMatchObject({ message: expect.stringContaining('bob took it') })
  })
})
