import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Claim, isExpired, type Lease, RENEW_EVERY_MS } from '../domain/lease.ts'
import { BeltError, ExitCode, reasonOf } from '../errors.ts'
import { retry } from '../retry.ts'
import type { Fleet } from './fleet.ts'
import { openLockStore } from './lock/open-store.ts'
import type { LockStore } from './lock/store.ts'

const WAIT_POLL_MS = 1000

/**
 * Does work that changes a swarm while nobody else does, from whatever machine. Work within the work, and processes
 * that it starts, share the lock. It is renewed as long as the work lasts, and lapses when Belt dies.
 * @param what says what is being done, for those who have to wait: `belt swarm join mg0 node1`
 * @param work is handed the fleet with a signal that is also aborted when the lock is lost to somebody else
 * @throws `locked` (exit code 6) when another holds it and does not release it within `fleet.lock.waitMs`
 */
export async function withLock<T>(
  fleet: Fleet,
  what: string,
  work: (fleet: Fleet) => Promise<T>,
  renewEveryMs = RENEW_EVERY_MS,
): Promise<T> {
  const store = await openLockStore(fleet)
  const inherited = fleet.lock.token.get()
  if (inherited !== undefined && (await store.read())?.claim.token === inherited) return work(fleet)
  const claim = {
    token: randomUUID(),
    holder: fleet.lock.holder,
    command: what,
    since: new Date().toISOString(),
  }
  await waitFor(fleet, store, claim)
  const ended = new AbortController()
  const lost = new AbortController()
  const renewing = keep(store, claim, renewEveryMs, ended.signal).catch(error => lost.abort(error))
  fleet.lock.token.set(claim.token)
  try {
    return await work({ ...fleet, signal: AbortSignal.any([fleet.signal, lost.signal]) })
  } catch (error) {
    throw lost.signal.aborted ? lost.signal.reason : error
  } finally {
    fleet.lock.token.set(inherited)
    ended.abort()
    await renewing
    await release(fleet, store, claim)
  }
}

async function waitFor(fleet: Fleet, store: LockStore, claim: Claim): Promise<void> {
  const { waitMs } = fleet.lock
  const task = waitMs > 0 ? fleet.progress.start('Taking the lock') : undefined
  try {
    await retry(() => take(fleet, store, claim), {
      deadlineMs: waitMs,
      everyMs: WAIT_POLL_MS,
      signal: fleet.signal,
      retryable: error => error instanceof BeltError && error.code === 'locked',
      onRetry: error => task?.update(reasonOf(error).replace('\n', ', ')),
    })
    task?.done()
  } catch (error) {
    task?.fail('not taken')
    throw error
  }
}

/** Takes a lock that is free, or that its holder let lapse. */
async function take(fleet: Fleet, store: LockStore, claim: Claim): Promise<void> {
  if (await store.create(claim)) return
  const lease = await store.read()
  if (!lease) return take(fleet, store, claim)
  if (lease.claim.token === claim.token) return
  if (!isExpired(lease)) throw lockedBy(lease)
  if (!(await store.replace(lease, claim))) return take(fleet, store, claim)
  fleet.progress.note(`took over the lock that ${lease.claim.holder} left (${lease.claim.command})`)
}

/** Renews until told to end. @throws `lock-lost` when somebody else has it; what cannot be read is tried again */
async function keep(store: LockStore, claim: Claim, everyMs: number, ended: AbortSignal): Promise<void> {
  while (await passes(everyMs, ended)) {
    const lease = await store.read().catch(() => 'unknown' as const)
    if (lease === 'unknown') continue
    if (lease?.claim.token !== claim.token) throw lostTo(lease)
    await store.replace(lease, claim).catch(() => false)
  }
}

async function passes(milliseconds: number, ended: AbortSignal): Promise<boolean> {
  await sleep(milliseconds, undefined, { signal: ended, ref: false }).catch(() => {})
  return !ended.aborted
}

async function release(fleet: Fleet, store: LockStore, claim: Claim): Promise<void> {
  try {
    const lease = await store.read()
    // One that has lapsed may be taken at this moment, and holds up nobody.
    if (lease?.claim.token === claim.token && !isExpired(lease)) await store.remove(lease)
  } catch (error) {
    const gone = error instanceof BeltError && error.code === 'no-swarm'
    if (!gone) fleet.progress.note(`the lock was not released and lapses by itself: ${reasonOf(error)}`)
  }
}

/** A lock, and where it is kept. */
export interface LockStatus {
  readonly place: string
  readonly lease: Lease | undefined
}

/** Tells who holds the lock. */
export async function lockStatus(fleet: Fleet): Promise<LockStatus> {
  const store = await openLockStore(fleet)
  return { place: store.place, lease: await store.read() }
}

/**
 * Ends a lock, whoever holds it; a holder that still runs notices and stops.
 * @param confirm is asked before a lock is ended whose holder has not let it lapse
 * @returns whose it was; undefined when there was none
 */
export async function releaseLock(
  fleet: Fleet,
  confirm: (claim: Claim) => Promise<void>,
): Promise<Claim | undefined> {
  const store = await openLockStore(fleet)
  const lease = await store.read()
  if (!lease) return undefined
  if (!isExpired(lease)) await confirm(lease.claim)
  await store.remove(lease)
  return lease.claim
}

function lockedBy({ claim: { holder, command, since } }: Lease): BeltError {
  return new BeltError('locked', `Locked by: ${holder} since ${since}\nCommand: ${command}`, {
    exitCode: ExitCode.locked,
    hint: '--lock-wait 10m waits for it; a lock lapses when its holder dies; belt lock release ends one by hand',
    details: { holder, command, since },
  })
}

function lostTo(lease: Lease | undefined): BeltError {
  const whom = lease ? `${lease.claim.holder} took it (${lease.claim.command})` : 'it was released'
  return new BeltError('lock-lost', `stopped, because the lock was lost: ${whom}`, {
    exitCode: ExitCode.locked,
    hint: 'belt swarm status shows how the swarm was left; then run the command again',
  })
}
