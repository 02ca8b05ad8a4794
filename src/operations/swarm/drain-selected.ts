import type { DrainImpact } from '../../domain/swarm/drain-forecast.ts'
import type { Fleet } from '../fleet.ts'
import { type Drained, drainImpacts, drainNodes } from './drain.ts'
import { selectNodes } from './select-nodes.ts'

export interface DrainRequest {
  readonly nodes: readonly string[]
  /** Only tells what the drain would do to services. */
  readonly dryRun: boolean
  /** How long the drain may take (default: derived from the stop times of the services). */
  readonly deadlineMs: number | undefined
}

export interface DrainResult {
  readonly impacts: DrainImpact[]
  /** None in a dry run. */
  readonly drained: Drained[]
}

/**
 * Drains the nodes that a user names.
 * @param onImpacts is given what happens to services, before anything is changed; not called if nothing happens to them
 * @throws as `selectNodes` and `drainNodes`
 */
export async function drainSelected(
  fleet: Fleet,
  { nodes, dryRun, deadlineMs }: DrainRequest,
  onImpacts: (impacts: readonly DrainImpact[]) => void,
): Promise<DrainResult> {
  const view = await selectNodes(fleet, nodes)
  const impacts = await drainImpacts(fleet, view)
  if (impacts.length > 0) onImpacts(impacts)
  return { impacts, drained: dryRun ? [] : await drainNodes(fleet, view, deadlineMs) }
}
