import type { DrainImpact } from '../domain/swarm/drain-forecast.ts'

/** The impact of a drain on services, one line each. */
export function describeDrain(impacts: readonly DrainImpact[]): string {
  return impacts
    .map(({ service, kind, reason }) =>
      kind === 'downtime'
        ? `${service} will have downtime: ${reason}`
        : `${service} cannot run on other nodes, so the drain may not finish: ${reason}`,
    )
    .join('\n')
}
