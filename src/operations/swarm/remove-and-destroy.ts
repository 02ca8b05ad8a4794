import { fold } from '../../domain/ranges.ts'
import type { DrainImpact } from '../../domain/swarm/drain-forecast.ts'
import { amended, BeltError, ExitCode } from '../../errors.ts'
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
 * @throws `interrupted` with what was done; as `planRemoval`, `planUnreachableRemoval` and `removeNodes`
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
  const removed = answers.filter(({ ok }) => ok).map(({ host }) => host)
  if (fleet.signal.aborted && removed.length < answers.length) throw interrupted(removed, answers)
  const destruction = await destroyMachines(fleet, destroy ? machinesOf(removal, answers) : []).catch(
    error => {
      throw error instanceof BeltError
        ? amended(error, `${fold(removed)}: removed from the swarm; ${error.message}`)
        : error
    },
  )
  return { answers, destruction }
}

/** A node that was removed keeps its machine, which the same command no longer destroys. */
function interrupted(removed: readonly string[], answers: readonly Answer<void>[]): BeltError {
  const left = answers.map(({ host }) => host).filter(host => !removed.includes(host))
  const done = removed.length > 0 ? `removed ${fold(removed)}; ` : ''
  return new BeltError('interrupted', `interrupted: ${done}not yet ${fold(left)}`, {
    exitCode: ExitCode.interrupted,
    hint: `to go on: the same belt swarm remove for ${fold(left)}${removed.length > 0 ? `; the machines of ${fold(removed)} are still there` : ''}`,
    details: { removed, left },
  })
}
