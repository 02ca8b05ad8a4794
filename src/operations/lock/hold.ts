import { randomUUID } from 'node:crypto'
import { type Claim, LEASE_TIMES } from '../../domain/lease.ts'
import { BeltError, reasonOf } from '../../errors.ts'
import { whileSlow } from '../../progress.ts'
import { retry, within } from '../../retry.ts'
import type { Fleet } from '../fleet.ts'
import { keepLock } from './keep.ts'
import type { LockStore } from './store.ts'
import { takeLock } from './take.ts'

const RELEASE_MS = 20_000
const RETRY_MS = 500

/** Does work under a lock that was taken, and releases it then: to be called once, and soon. */
export type Hold = <T>(work: (fleet: Fleet) => Promise<T>) => Promise<T>

/**
 * Takes the lock that is kept there, or shares that of whoever started this process.
 * @throws `locked` (exit code 6) when another holds it and does not release it within `fleet.lock.waitMs`
 */
export async function holdLock(fleet: Fleet, store: LockStore, what: string): Promise<Hold> {
  const inherited = fleet.lock.token.get()
  if (inherited !== undefined && (await store.read())?.claim.token === inherited) return work => work(fleet)
  const claim = {
    token: randomUUID(),
    holder: fleet.lock.holder,
    command: what,
    since: new Date().toISOString(),
  }
  await whileSlow(fleet.progress, 'Taking the lock', () => takeLock(fleet, store, claim, LEASE_TIMES))
  // Another run may have changed the machines until now.
  fleet.machines.forget()
  return async work => {
    const ended = new AbortController()
    const lost = new AbortController()
    const renewing = keepLock(store, claim, LEASE_TIMES, ended.signal, fleet.clock).catch(error =>
      lost.abort(error),
    )
    fleet.lock.token.set(claim.token)
    try {
      return await work({ ...fleet, signal: AbortSignal.any([fleet.signal, lost.signal]) })
    } catch (error) {
      throw lost.signal.aborted && !isLockLost(error) ? lost.signal.reason : error
    } finally {
      fleet.lock.token.set(inherited)
      ended.abort()
      // A lock that is lost may be another's at any moment, and lapses by itself.
      if (!lost.signal.aborted) await release(fleet, store, claim, renewing)
    }
  }
}

/** Work that the loss has ended may tell with it how it left the swarm. */
function isLockLost(error: unknown): boolean {
  return error instanceof BeltError && error.code === 'lock-lost'
}

/** In any case within a time: who waits for the end of a command must not wait for a swarm that is gone. */
async function release(fleet: Fleet, store: LockStore, claim: Claim, renewing: Promise<void>): Promise<void> {
  try {
    const { clock } = fleet
    const retryable = (error: unknown) => error instanceof BeltError && error.code === 'lock-changed'
    const remove = async () => {
      await renewing
      await retry(() => removeOwn(store, claim), {
        deadlineMs: RELEASE_MS,
        everyMs: RETRY_MS,
        clock,
        retryable,
      })
    }
    await within(RELEASE_MS, remove, clock)
  } catch (error) {
    const gone = error instanceof BeltError && error.code === 'no-swarm'
    if (!gone) fleet.progress.note(`the lock was not released and lapses by itself: ${reasonOf(error)}`)
  }
}

/** An answer that was lost may have been a change of our own. */
async function removeOwn(store: LockStore, claim: Claim): Promise<void> {
  const lease = await store.read()
  if (lease?.claim.token !== claim.token || (await store.remove(lease))) return
  throw new BeltError('lock-changed', 'the lock changed while it was released')
}
