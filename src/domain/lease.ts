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

/** A lock as it was read. Both times are by the clock of where it is kept, so that no other clock matters. */
export interface Lease {
  readonly claim: Claim
  readonly renewedAt: Date
  readonly readAt: Date
}

/** How long a lock outlives its last renewal: longer than managers take to elect a leader, several times over. */
export const LEASE_MS = 90_000

/** How often a holder renews. */
export const RENEW_EVERY_MS = 20_000

/** Whether the holder has let it lapse: it died, or is cut off. */
export function isExpired({ renewedAt, readAt }: Lease): boolean {
  return readAt.getTime() - renewedAt.getTime() > LEASE_MS
}

/** How long until it expires unless it is renewed, in milliseconds; 0 when it has. */
export function remainingMs({ renewedAt, readAt }: Lease): number {
  return Math.max(0, LEASE_MS - (readAt.getTime() - renewedAt.getTime()))
}
