import { isAlive, type Service, type Task } from './drain-forecast.ts'

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

/**
 * Why a swarm is not as well as it was before, in sentences; empty when it is. What was broken before counts for
 * nothing, except among the managers: those must all answer.
 * @param before the swarm before anything was done to it
 */
export function ailments(before: SwarmSight, now: SwarmSight): string[] {
  return [
    ...managersAiling(now.nodes),
    ...nodesMissing(before.nodes, now.nodes),
    ...servicesShort(before, now),
  ]
}

function managersAiling(nodes: readonly HealthNode[]): string[] {
  const leaders = nodes.filter(({ isLeader }) => isLeader)
  const silent = nodes.filter(
    ({ reachability }) => reachability !== undefined && reachability !== 'reachable',
  )
  return [
    ...(leaders.length === 1 ? [] : ['the managers have no leader']),
    ...silent.map(({ hostname, reachability }) => `manager ${hostname} is ${reachability}`),
  ]
}

function nodesMissing(before: readonly HealthNode[], now: readonly HealthNode[]): string[] {
  const known = new Map(now.map(node => [node.id, node]))
  return before
    .filter(({ state }) => state === 'ready')
    .flatMap(({ id, hostname }) => {
      const state = known.get(id)?.state ?? 'no longer listed'
      return state === 'ready' ? [] : [`${hostname} is ${state}`]
    })
}

function servicesShort(before: SwarmSight, now: SwarmSight): string[] {
  return now.services.flatMap(({ id, name, mode, replicas }) => {
    if (mode !== 'replicated') return []
    const wanted = Math.min(replicas, runningOf(id, before.tasks))
    const running = runningOf(id, now.tasks)
    if (running >= wanted) return []
    const reason = now.tasks.find(task => task.serviceId === id && isAlive(task) && task.error)?.error
    return [`${name} runs ${running} of ${wanted} tasks${reason ? ` (${reason})` : ''}`]
  })
}

function runningOf(serviceId: string, tasks: readonly Task[]): number {
  return tasks.filter(task => task.serviceId === serviceId && task.state === 'running').length
}
