import type { Service, Task } from './drain-forecast.ts'

/** A node as far as it matters to whether the swarm is well. */
export interface HealthNode {
  readonly id: string
  readonly hostname: string
  readonly state: string
  readonly isLeader: boolean
  readonly reachability: string | undefined
}

/** A swarm at one moment. */
export interface SwarmSight {
  readonly nodes: readonly HealthNode[]
  readonly services: readonly Service[]
  readonly tasks: readonly Task[]
}

/** How many tasks of a service run. */
export function runningOf(serviceId: string, { tasks }: Pick<SwarmSight, 'tasks'>): number {
  return tasks.filter(task => task.serviceId === serviceId && task.state === 'running').length
}
