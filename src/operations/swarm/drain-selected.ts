import type { DrainImpact } from '../../domain/swarm/drain-forecast.ts'
import type { Fleet } from '../fleet.ts'
import { type HostContents, plainContainersOn } from '../machines/contents.ts'
import { type Drained, drainImpacts, drainNodes } from './drain.ts'
import { answering, selectNodes } from './select-nodes.ts'

export interface DrainRequest {
  readonly nodes: readonly string[]
  /** Only tells what the drain would do to services. */
  readonly dryRun: boolean
  /** How long the drain may take (default: derived from the stop times of the services). */
  readonly deadlineMs: number | undefined
}

/** What a drain does; nothing has changed yet. */
export interface DrainPlan {
  readonly impacts: readonly DrainImpact[]
  /** The containers that no service started, which stay. */
  readonly left: readonly HostContents[]
}

export interface DrainResult {
  readonly impacts: DrainImpact[]
  /** None in a dry run. */
  readonly drained: Drained[]
}

/**
 * Drains the nodes that a user names.
 * @param onPlan is given what happens to services and what stays, before anything is changed; not called if there is neither
 * @throws as `selectNodes` and `drainNodes`
 */
export async function drainSelected(
  fleet: Fleet,
  { nodes, dryRun, deadlineMs }: DrainRequest,
  onPlan: (plan: DrainPlan) => void,
): Promise<DrainResult> {
  const view = await selectNodes(fleet, nodes)
  const impacts = await drainImpacts(fleet, view)
  const left = await plainContainersOn(fleet, answering(view))
  if (impacts.length + left.length > 0) onPlan({ impacts, left })
  return { impacts, drained: dryRun ? [] : await drainNodes(fleet, view, deadlineMs) }
}
