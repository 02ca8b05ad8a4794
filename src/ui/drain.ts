import type { DrainImpact } from '../domain/swarm/drain-forecast.ts'

/** What a drain would do to services, a line each. */
export function describeDrain(impacts: readonly DrainImpact[]): string {
  return impacts
    .map(({ service, kind, reason }) =>
      kind === 'downtime'
        ? `${service} will have downtime: ${reason}`
        : `${service} has no other place, so the drain may not end: ${reason}`,
    )
    .join('\n')
}
