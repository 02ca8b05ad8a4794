import { ageMs, LEASE_TIMES, type Lease, looksLapsed } from '../domain/lease.ts'
import type { LockState } from '../operations/lock.ts'

/** What `--json` prints of the lock. */
export interface LockReport {
  readonly locked: boolean
  readonly keptIn: string
  readonly holder?: string
  readonly command?: string
  readonly since?: string
  readonly renewedAt?: string
  /** Nobody renewed it for long, if the clocks of the managers agree. */
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

/** Who holds the lock, as lines for people. */
export function lockLines({ place, lease }: LockState): string {
  if (!lease) return `not locked (a lock would be kept in ${place})\n`
  const { holder, since, command } = lease.claim
  const outlook = looksLapsed(lease)
    ? `its holder seems to be gone; the next command watches it for ${LEASE_TIMES.watchMs / 1000} s, and takes it over if it is not renewed`
    : `renewed every ${LEASE_TIMES.renewEveryMs / 1000} s while its holder lives`
  return [
    `Locked by: ${holder} since ${since}`,
    `Command: ${command}`,
    `State: ${renewalInWords(lease)}; ${outlook}`,
    `Kept in: ${place}`,
    '',
  ].join('\n')
}

/** When a lock was renewed, as far as anybody knows. */
export function renewalInWords(lease: Lease): string {
  return `renewed ${Math.floor(ageMs(lease) / 1000)} s ago if the clocks there agree`
}
