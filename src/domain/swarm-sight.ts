import type { Service, Task } from './drain-forecast.ts'
import type { PlacementNode } from './task-placement.ts'

/** A node as far as it matters to whether the swarm is well. */
export interface HealthNode extends PlacementNode {
  readonly isLeader: boolean
  readonly reachability: string | undefined
}

/** A swarm at one moment. */
export interface SwarmSight {
  readonly nodes: readonly HealthNode[]
  readonly services: readonly Service[]
  readonly tasks: readonly Task[]
}

/** The ids of the nodes on which tasks of a service run, one for each task. */
export function runningOn(serviceId: string, { tasks }: Pick<SwarmSight, 'tasks'>): string[] {
  return tasks
    .filter(task => task.serviceId === serviceId && task.state === 'running')
    .map(({ nodeId }) => nodeId)
}
