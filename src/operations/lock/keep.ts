import { setTimeout as sleep } from 'node:timers/promises'
import type { Claim, Lease, LeaseTimes } from '../../domain/lease.ts'
import { BeltError, ExitCode, reasonOf } from '../../errors.ts'
import { within } from '../../retry.ts'
import type { LockStore } from './store.ts'

/**
 * Renews a lock until told to end. What fails is tried again, as long as nobody else may take the lock.
 * @throws `lock-lost` when somebody else has it, or it could not be renewed for so long that somebody may soon
 */
export async function keepLock(
  store: LockStore,
  claim: Claim,
  { renewEveryMs, stopAfterMs }: LeaseTimes,
  ended: AbortSignal,
): Promise<void> {
  let renewedAt = performance.now()
  const leftMs = () => Math.max(0, renewedAt + stopAfterMs - performance.now())
  while (await passes(Math.min(renewEveryMs, leftMs()), ended)) {
    const startedAt = performance.now()
    try {
      await within(leftMs(), () => renew(store, claim))
      renewedAt = startedAt
    } catch (error) {
      if (error instanceof BeltError && error.code === 'lock-lost') throw error
      if (leftMs() === 0) throw notRenewed(stopAfterMs, error)
    }
  }
}

async function renew(store: LockStore, claim: Claim): Promise<void> {
  const lease = await store.read()
  if (lease?.claim.token !== claim.token) throw lostTo(lease)
  if (await store.replace(lease, claim)) return
  throw new BeltError('lock-changed', 'the lock changed while it was renewed')
}

async function passes(milliseconds: number, ended: AbortSignal): Promise<boolean> {
  await sleep(milliseconds, undefined, { signal: ended, ref: false }).catch(() => {})
  return !ended.aborted
}

function lostTo(lease: Lease | undefined): BeltError {
  const whom = lease ? `${lease.claim.holder} took it (${lease.claim.command})` : 'it was released'
  return lost(`the lock was lost: ${whom}`)
}

function notRenewed(forMs: number, cause: unknown): BeltError {
  const seconds = Math.round(forMs / 1000)
  return lost(`the lock could not be renewed for ${seconds} s, and another may take it: ${reasonOf(cause)}`)
}

function lost(why: string): BeltError {
  return new BeltError('lock-lost', `stopped, because ${why}`, {
    exitCode: ExitCode.locked,
    hint: 'belt swarm status shows how the swarm was left; then run the command again',
  })
}
