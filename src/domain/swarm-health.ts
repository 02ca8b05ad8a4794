import { isAlive } from './drain-forecast.ts'
import type { Baseline } from './health-baseline.ts'
import { type HealthNode, runningOf, type SwarmSight } from './swarm-sight.ts'

/**
 * Why a swarm is not as well as it was before, in sentences; empty when it is. What was broken before counts for
 * nothing, except among the managers: those must all answer.
 */
export function ailments(before: Baseline, now: SwarmSight): string[] {
  return [...managersAiling(now.nodes), ...nodesMissing(before, now), ...servicesShort(before, now)]
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

function nodesMissing({ ready }: Baseline, now: SwarmSight): string[] {
  const states = new Map(now.nodes.map(({ id, state }) => [id, state]))
  return [...ready].flatMap(([id, hostname]) => {
    const state = states.get(id) ?? 'no longer listed'
    return state === 'ready' ? [] : [`${hostname} is ${state}`]
  })
}

function servicesShort(before: Baseline, now: SwarmSight): string[] {
  return now.services.flatMap(({ id, name, mode, replicas }) => {
    if (mode !== 'replicated') return []
    const wanted = Math.min(replicas, before.running.get(id) ?? 0)
    const running = runningOf(id, now)
    if (running >= wanted) return []
    const reason = now.tasks.find(task => task.serviceId === id && isAlive(task) && task.error)?.error
    return [`${name} runs ${running} of ${wanted} tasks${reason ? ` (${reason})` : ''}`]
  })
}
