import type { DrainImpact } from '../../domain/swarm/drain-forecast.ts'
import type { Answer } from '../../hosts/fan-out.ts'
import type { Fleet } from '../fleet.ts'
import { contentsOn, type HostContents, plainContainersOn } from '../machines/contents.ts'
import { type Destruction, destroyMachines } from '../machines/destroy.ts'
import { drainImpacts } from './drain.ts'
import { machinesOf, planRemoval, planUnreachableRemoval, type Removal, removeNodes } from './remove.ts'
import { answering } from './select-nodes.ts'

export interface RemoveRequest {
  readonly nodes: readonly string[]
  /** Whether the nodes are lost for good. Lost nodes are neither drained nor asked to leave. */
  readonly unreachable: boolean
  /** Whether the machines of the removed nodes are destroyed at the end. */
  readonly destroy: boolean
  /** How long the drain may take, in milliseconds (default: derived from the stop times of the services). */
  readonly drainDeadlineMs?: number | undefined
}

/** What the removal of nodes does; nothing has changed yet. */
export interface RemovalPlan {
  readonly removal: Removal
  readonly impacts: readonly DrainImpact[]
  /** What their hosts have besides tasks: it stays there, or is lost if the machines are destroyed. */
  readonly contents: readonly HostContents[]
}

export interface RemovedNodes {
  /** One answer per node. */
  readonly answers: readonly Answer<void>[]
  readonly destruction: Destruction
}

/**
 * Removes nodes from the swarm. Destroys the machines of the removed nodes if the request says so.
 * @param confirm called with the plan before anything is changed; throws to cancel
 * @throws as `planRemoval`, `planUnreachableRemoval` and `removeNodes`
 */
export async function removeFromSwarm(
  fleet: Fleet,
  { nodes, unreachable, destroy, drainDeadlineMs }: RemoveRequest,
  confirm: (plan: RemovalPlan) => Promise<void>,
): Promise<RemovedNodes> {
  const removal = await (unreachable ? planUnreachableRemoval : planRemoval)(fleet, nodes)
  const impacts = unreachable ? [] : await drainImpacts(fleet, removal.view)
  const read = destroy ? contentsOn : plainContainersOn
  await confirm({ removal, impacts, contents: await read(fleet, answering(removal.view)) })
  const answers = await removeNodes(fleet, removal, drainDeadlineMs)
  const destruction = await destroyMachines(fleet, destroy ? machinesOf(removal, answers) : [])
  return { answers, destruction }
}
