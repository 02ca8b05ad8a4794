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

const IMPACTS: Readonly<Record<DrainImpact['kind'], (impact: DrainImpact) => string>> = {
  downtime: ({ service, reason }) => `${service} will have downtime: ${reason}`,
  stuck: ({ service, reason }) =>
    `${service} cannot run on other nodes, so the drain may not finish: ${reason}`,
  job: ({ service, reason }) => `${service} is a job: ${reason}`,
  unknown: ({ service, reason }) => `Belt cannot tell whether ${service} can run on other nodes: ${reason}`,
}

/** The impact of a drain on services, one line each. */
export function describeDrain(impacts: readonly DrainImpact[]): string {
  return impacts.map(impact => IMPACTS[impact.kind](impact)).join('\n')
}
