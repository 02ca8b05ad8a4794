import type { DrainImpact } from '../domain/swarm/drain-forecast.ts'
import type { Drained } from '../operations/swarm/drain.ts'

/** A line for each node that is drained. */
export function drainedLines(drained: readonly Drained[]): string {
  return drained
    .map(
      ({ name, previous, changed }) =>
        `${name}: ${changed ? `drained; it was ${previous}` : 'was drained already, and is empty'}\n`,
    )
    .join('')
}

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
