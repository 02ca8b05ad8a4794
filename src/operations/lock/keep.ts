import type { Clock } from '../../clock.ts'
import type { Claim, Lease, LeaseTimes } from '../../domain/lease.ts'
import { BeltError, ExitCode, reasonOf } from '../../errors.ts'
import { within } from '../../retry.ts'
import type { LockStore } from './store.ts'

/** How soon it is noticed that the computer slept: timers stand still meanwhile, and others do not wait. */
const TICK_MS = 1000

/**
 * Renews a lock until told to end. What fails is tried again, as long as nobody else may take the lock.
 * @throws `lock-lost` when somebody else has it, or it could not be renewed for so long that somebody may soon
 */
export async function keepLock(
  store: LockStore,
  claim: Claim,
  { renewEveryMs, stopAfterMs }: LeaseTimes,
  ended: AbortSignal,
  clock: Clock,
): Promise<void> {
  const lost = new AbortController()
  const signal = AbortSignal.any([ended, lost.signal])
  let renewed = now(clock)
  let failure: unknown = new Error('no answer')
  const leftMs = () => Math.max(0, stopAfterMs - longerOf(since(renewed, clock)))

  const renewing = async () => {
    while (await passes(renewEveryMs, signal, clock)) {
      const begun = now(clock)
      try {
        await within(leftMs(), () => renew(store, claim), clock)
        renewed = begun
      } catch (error) {
        if (error instanceof BeltError && error.code === 'lock-lost') throw error
        failure = error
      }
    }
  }
  const watching = async () => {
    while (await passes(Math.min(TICK_MS, leftMs()), signal, clock)) {
      if (leftMs() === 0) throw notRenewed(since(renewed, clock), stopAfterMs, failure)
    }
  }

  try {
    await Promise.all([renewing(), watching()])
  } finally {
    lost.abort()
  }
}

/** By a clock that nobody sets, which stands still while the computer sleeps, and by one that goes on, in milliseconds. */
interface TwoClocks {
  readonly wakingMs: number
  readonly wallMs: number
}

function now(clock: Clock): TwoClocks {
  return { wakingMs: clock.now(), wallMs: clock.wallTime() }
}

function since({ wakingMs, wallMs }: TwoClocks, clock: Clock): TwoClocks {
  return { wakingMs: clock.now() - wakingMs, wallMs: clock.wallTime() - wallMs }
}

/** Others may have waited for as long as either clock says. */
function longerOf({ wakingMs, wallMs }: TwoClocks): number {
  return Math.max(wakingMs, wallMs)
}

async function renew(store: LockStore, claim: Claim): Promise<void> {
  const lease = await store.read()
  if (lease?.claim.token !== claim.token) throw lostTo(lease)
  if (await store.replace(lease, claim)) return
  throw new BeltError('lock-changed', 'the lock changed while it was renewed')
}

async function passes(milliseconds: number, ended: AbortSignal, clock: Clock): Promise<boolean> {
  await clock.sleep(milliseconds, ended, { ref: false }).catch(() => {})
  return !ended.aborted
}

function lostTo(lease: Lease | undefined): BeltError {
  const whom = lease ? `${lease.claim.holder} took it (${lease.claim.command})` : 'it was released'
  return lost(`the lock was lost: ${whom}`)
}

function notRenewed(elapsed: TwoClocks, stopAfterMs: number, failure: unknown): BeltError {
  const seconds = Math.round(longerOf(elapsed) / 1000)
  const slept = elapsed.wakingMs + TICK_MS < stopAfterMs
  const why = slept ? 'this computer slept, or its clock was set' : reasonOf(failure)
  return lost(`the lock could not be renewed for ${seconds} s, and another may take it: ${why}`)
}

function lost(why: string): BeltError {
  return new BeltError('lock-lost', `stopped, because ${why}`, {
    exitCode: ExitCode.locked,
    hint: 'belt swarm status shows how the swarm was left; then run the command again',
  })
}
