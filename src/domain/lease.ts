/** Who holds a lock, and why. */
export interface Claim {
  /** Identifies the holder; known only to it and to the processes it starts. */
  readonly token: string
  /** Such as `alice@laptop (ci#4211)`. */
  readonly holder: string
  readonly command: string
  /** ISO 8601, on the holder's clock. */
  readonly since: string
}

/** A lock as it was read. */
export interface Lease {
  readonly claim: Claim
  /** Changes with each renewal. */
  readonly version: string
  /** On the clock of whoever stores it: in a swarm, the leader. */
  readonly renewedAt: Date
  /** On the clock of whoever answered: in a swarm, any manager, whose clock may differ from the leader's. */
  readonly readAt: Date
}

/** The timing of a lock, in milliseconds. */
export interface LeaseTimes {
  /** How often the holder renews it. */
  readonly renewEveryMs: number
  /** When a holder that cannot renew it stops working, well before another may take the lock. */
  readonly stopAfterMs: number
  /** How long a lock is valid after its last renewal; several times longer than a leader election. */
  readonly leaseMs: number
  /**
   * How long to watch a lock that looks lapsed before taking it. A living holder renews it in that time, and one that
   * cannot has stopped by then.
   */
  readonly watchMs: number
  /** How often waiting processes read the lock. */
  readonly lookEveryMs: number
}

export const LEASE_TIMES: LeaseTimes = {
  renewEveryMs: 20_000,
  stopAfterMs: 70_000,
  leaseMs: 90_000,
  watchMs: 80_000,
  lookEveryMs: 1000,
}

/** The time since the last renewal in milliseconds, if both clocks agree; never negative. */
export function ageMs({ renewedAt, readAt }: Lease): number {
  return Math.max(0, readAt.getTime() - renewedAt.getTime())
}

/** Whether the lock looks lapsed. It may only look so if clocks differ. */
export function looksLapsed(lease: Lease): boolean {
  return ageMs(lease) > LEASE_TIMES.leaseMs
}

/** The assessment of a lock that another process holds. */
export type LeaseState =
  /** It may be taken. */
  | { readonly kind: 'lapsed' }
  /** It looks lapsed, and may be taken after `leftMs` unless it changes. */
  | { readonly kind: 'doubtful'; readonly leftMs: number }
  | { readonly kind: 'held' }

/**
 * Watches a lock that another process holds. Whether it has lapsed depends only on how long it stayed unchanged on this
 * process's own clock. Timestamps from other clocks only decide how long to watch.
 */
export class LeaseWatch {
  readonly #times: LeaseTimes
  #version: string | undefined
  #sinceMs = 0
  #isAlive = false

  constructor(times: LeaseTimes) {
    this.#times = times
  }

  /** @param nowMs on a monotonic clock, such as `performance.now()` */
  see(lease: Lease, nowMs: number): LeaseState {
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
