/** A node as far as its certificate matters. */
export interface CertifiedNode {
  readonly hostname: string
  readonly state: string
  /** When its state last changed. */
  readonly updatedAt: Date | undefined
}

/** The part of its life that a certificate still has when a living node renews it at the latest. */
const LEFT_AT_RENEWAL = 0.2
/** The part of its life after which a node that is down is worth a warning: half of what is left then. */
const DOWN_FOR = 0.1

/** Nodes that are down for so long that their certificates may soon expire. */
export interface ExpiringNodes {
  readonly hostnames: readonly string[]
  /** When the first certificate may expire. */
  readonly from: Date
}

/**
 * Finds the nodes that are down for a long time: a node that is off renews no certificate, and one whose certificate has
 * expired must leave the swarm and join again.
 * @param lifeMs how long certificates last
 */
export function expiringNodes(
  nodes: readonly CertifiedNode[],
  lifeMs: number,
  now: Date,
): ExpiringNodes | undefined {
  const down = nodes.flatMap(({ hostname, state, updatedAt }) =>
    state === 'down' && updatedAt && now.getTime() - updatedAt.getTime() > lifeMs * DOWN_FOR
      ? [{ hostname, since: updatedAt.getTime() }]
      : [],
  )
  if (down.length === 0) return undefined
  const first = down.reduce((earliest, { since }) => Math.min(earliest, since), Number.POSITIVE_INFINITY)
  return {
    hostnames: down.map(({ hostname }) => hostname),
    from: new Date(first + lifeMs * LEFT_AT_RENEWAL),
  }
}
