/** Who holds a lock, and what for. */
export interface Claim {
  /** Tells this holder from all others; known to it and to the processes it starts. */
  readonly token: string
  /** Such as `alice@laptop (ci#4211)`. */
  readonly holder: string
  readonly command: string
  /** ISO 8601, by the holder's clock. */
  readonly since: string
}

/** A lock as it was read. */
export interface Lease {
  readonly claim: Claim
  /** Another one after each renewal. */
  readonly version: string
  /** By the clock of whoever stamps it: of a swarm, its leader. */
  readonly renewedAt: Date
  /** By the clock of whoever was asked: of a swarm, any manager, whose clock may differ from the leader's. */
  readonly readAt: Date
}

/** The times of a lock, in milliseconds. */
export interface LeaseTimes {
  /** How often a holder renews. */
  readonly renewEveryMs: number
  /** When a holder that cannot renew stops: well before another may take the lock. */
  readonly stopAfterMs: number
  /** How long a lock outlives its last renewal: longer than managers take to elect a leader, several times over. */
  readonly leaseMs: number
  /**
   * How long a lock that looks lapsed is watched before it is taken: a holder that lives renews it in that time, and one
   * that cannot has stopped by then.
   */
  readonly watchMs: number
  /** How often those who wait look. */
  readonly lookEveryMs: number
}

export const LEASE_TIMES: LeaseTimes = {
  renewEveryMs: 20_000,
  stopAfterMs: 70_000,
  leaseMs: 90_000,
  watchMs: 80_000,
  lookEveryMs: 1000,
}

/** How long ago it was renewed, in milliseconds, as far as two clocks agree; never negative. */
export function ageMs({ renewedAt, readAt }: Lease): number {
  return Math.max(0, readAt.getTime() - renewedAt.getTime())
}

/** Whether the holder seems to have let it lapse. Clocks that differ make a lock look lapsed whose holder lives. */
export function looksLapsed(lease: Lease): boolean {
  return ageMs(lease) > LEASE_TIMES.leaseMs
}

/** What to think of a lock that another holds. */
export type Sight =
  /** It may be taken. */
  | { readonly kind: 'lapsed' }
  /** It looks lapsed, and may be taken after so many milliseconds unless it changes. */
  | { readonly kind: 'doubtful'; readonly leftMs: number }
  | { readonly kind: 'held' }

/**
 * Watches a lock that another holds. That it has lapsed is judged by how long it stayed unchanged while one looked
 * oneself, by one's own clock; the clocks of others only tell which lock is worth a shorter look.
 */
export class LeaseWatch {
  readonly #times: LeaseTimes
  #version: string | undefined
  #sinceMs = 0
  #isAlive = false

  constructor(times: LeaseTimes) {
    this.#times = times
  }

  /** @param nowMs by a clock that nobody sets, such as `performance.now()` */
  see(lease: Lease, nowMs: number): Sight {
    if (lease.version !== this.#version) {
      this.#isAlive = this.#version !== undefined
      this.#version = lease.version
      this.#sinceMs = nowMs
    }
    const isDoubtful = looksLapsed(lease) && !this.#isAlive
    const leftMs = this.#sinceMs + (isDoubtful ? this.#times.watchMs : this.#times.leaseMs) - nowMs
    if (leftMs <= 0) return { kind: 'lapsed' }
    return isDoubtful ? { kind: 'doubtful', leftMs } : { kind: 'held' }
  }
}
