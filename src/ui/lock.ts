import { isExpired, remainingMs } from '../domain/lease.ts'
import type { LockStatus } from '../operations/lock.ts'

/** Who holds the lock, as lines for people. */
export function lockLines({ place, lease }: LockStatus): string {
  if (!lease) return `not locked (a lock would be kept in ${place})\n`
  const { holder, since, command } = lease.claim
  const seconds = Math.ceil(remainingMs(lease) / 1000)
  const state = isExpired(lease)
    ? 'lapsed: its holder has stopped, and the next one takes it over'
    : `renewed at ${lease.renewedAt.toISOString()}; lapses in ${seconds} s unless it is renewed`
  return [
    `Locked by: ${holder} since ${since}`,
    `Command: ${command}`,
    `State: ${state}`,
    `Kept in: ${place}`,
    '',
  ].join('\n')
}
