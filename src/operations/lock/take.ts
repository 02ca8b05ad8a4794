import { type Claim, type Lease, type LeaseState, type LeaseTimes, LeaseWatch } from '../../domain/lease.ts'
import { BeltError, ExitCode, reasonOf } from '../../errors.ts'
import type { ProgressTask } from '../../progress.ts'
import { retry } from '../../retry.ts'
import type { Fleet } from '../fleet.ts'
import type { LockStore } from './store.ts'

/**
 * Takes a lock that is free, or that its holder has let lapse. One that looks lapsed is watched first, however short
 * the wait for a lock may be.
 * @throws `locked` (exit code 6) when another holds it and does not release it within `fleet.lock.waitMs`
 */
export async function takeLock(
  fleet: Fleet,
  store: LockStore,
  claim: Claim,
  times: LeaseTimes,
): Promise<void> {
  const { clock } = fleet
  const { waitMs } = fleet.lock
  const watch = new LeaseWatch(times)
  const waitUntil = clock.now() + waitMs
  let task: ProgressTask | undefined
  try {
    await retry(() => take(fleet, store, claim, watch), {
      deadlineMs: waitMs + times.watchMs + 2 * times.lookEveryMs,
      everyMs: times.lookEveryMs,
      clock,
      signal: fleet.signal,
      retryable: error =>
        error instanceof LockedError && (error.isDoubtful || clock.now() + times.lookEveryMs < waitUntil),
      onRetry: error => {
        task ??= fleet.progress.start(titleOf(error, times))
        task.update(reasonOf(error).replaceAll('\n', ', '))
      },
    })
    task?.done()
  } catch (error) {
    task?.fail('not taken')
    throw error
  }
}

function titleOf(error: unknown, { watchMs }: LeaseTimes): string {
  const isDoubtful = error instanceof LockedError && error.isDoubtful
  if (!isDoubtful) return 'Taking the lock'
  return `Watching a lock that looks left behind, for ${watchMs / 1000} s (belt lock release ends it at once)`
}

async function take(fleet: Fleet, store: LockStore, claim: Claim, watch: LeaseWatch): Promise<void> {
  if (await store.create(claim)) return
  const lease = await store.read()
  if (!lease) return take(fleet, store, claim, watch)
  if (lease.claim.token === claim.token) return
  const sight = watch.see(lease, fleet.clock.now())
  if (sight.kind !== 'lapsed') throw new LockedError(lease, sight)
  if (!(await store.replace(lease, claim))) return take(fleet, store, claim, watch)
  fleet.progress.note(`took over the lock that ${lease.claim.holder} left (${lease.claim.command})`)
}

class LockedError extends BeltError {
  readonly isDoubtful: boolean

  constructor({ claim: { holder, command, since } }: Lease, sight: LeaseState) {
    const left = sight.kind === 'doubtful' ? Math.ceil(sight.leftMs / 1000) : undefined
    const doubt =
      left === undefined ? '' : `\nIt looks left behind: taken over in ${left} s unless it is renewed`
    super('locked', `Locked by: ${holder} since ${since}\nCommand: ${command}${doubt}`, {
      exitCode: ExitCode.locked,
      hint: '--lock-wait 10m waits for it; a lock lapses when its holder dies; belt lock release ends one by hand',
      details: { holder, command, since },
    })
    this.isDoubtful = sight.kind === 'doubtful'
  }
}
