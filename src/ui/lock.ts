import { ageMs, type Claim, LEASE_TIMES, type Lease, looksLapsed } from '../domain/lease.ts'
import { line } from '../domain/shown.ts'
import type { LockState } from '../operations/lock.ts'

/** The lock, as `--json` prints it. */
export interface LockReport {
  readonly locked: boolean
  readonly keptIn: string
  readonly holder?: string
  readonly command?: string
  readonly since?: string
  readonly renewedAt?: string
  /** Whether it has not been renewed for a long time, assuming that the clocks of the managers agree. */
  readonly looksLapsed?: boolean
}

export function lockReport({ place, lease }: LockState): LockReport {
  if (!lease) return { locked: false, keptIn: place }
  const { holder, command, since } = lease.claim
  return {
    locked: true,
    keptIn: place,
    holder,
    command,
    since,
    renewedAt: lease.renewedAt.toISOString(),
    looksLapsed: looksLapsed(lease),
  }
}

/** Who holds the lock, as text. */
export function lockLines({ place, lease }: LockState): string {
  if (!lease) return line`not locked (a lock would be stored in ${place})\n`
  const { holder, since, command } = lease.claim
  const outlook = looksLapsed(lease)
    ? `the holder seems to be gone; the next command takes the lock over if it is not renewed within ${LEASE_TIMES.watchMs / 1000} s`
    : `the holder renews it every ${LEASE_TIMES.renewEveryMs / 1000} s`
  return [
    line`Locked by: ${holder} since ${since}`,
    line`Command: ${command}`,
    `State: ${renewalInWords(lease)}; ${outlook}`,
    line`Stored in: ${place}`,
    '',
  ].join('\n')
}

/** What the user is asked before a lock is released. */
export function releaseQuestion(lease: Lease): string {
  const { holder, command } = lease.claim
  return line`Release the lock of ${holder}, ${renewalInWords(lease)}, which may still be running ${command}?`
}

/** A line for a lock that was released. @param claim undefined if there was none */
export function releasedLine(claim: Claim | undefined): string {
  return claim ? line`released the lock of ${claim.holder} (${claim.command})\n` : 'not locked\n'
}

/** What `belt lock release --json` prints. */
export interface ReleaseReport {
  readonly released: boolean
  readonly holder?: string
  readonly command?: string
}

export function releaseReport(claim: Claim | undefined): ReleaseReport {
  return claim ? { released: true, holder: claim.holder, command: claim.command } : { released: false }
}

/** When a lock was last renewed, by the clocks of the managers. */
function renewalInWords(lease: Lease): string {
  return `renewed ${Math.floor(ageMs(lease) / 1000)} s ago, if the clocks agree`
}
