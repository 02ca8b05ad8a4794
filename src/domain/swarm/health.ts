import type { Baseline } from './baseline.ts'
import { takesTasks } from './task-placement.ts'
import { isAlive, placesOf, type Service, type SwarmNode, type Workload } from './workload.ts'

/**
 * Why a swarm is less healthy than it was before, in sentences; empty if it is as healthy. What was broken before does
 * not count, except for managers: all of them must be reachable.
 */
export function healthProblems(before: Baseline, now: Workload): string[] {
  return [...managerProblems(now.nodes), ...nodeProblems(before, now), ...serviceProblems(before, now)]
}

function managerProblems(nodes: readonly SwarmNode[]): string[] {
  const leaders = nodes.filter(({ isLeader }) => isLeader)
  const silent = nodes.filter(
    ({ reachability }) => reachability !== undefined && reachability !== 'reachable',
  )
  return [
    ...(leaders.length === 1 ? [] : ['the managers have no leader']),
    ...silent.map(({ hostname, reachability }) => `manager ${hostname} is ${reachability}`),
  ]
}

function nodeProblems({ ready }: Baseline, now: Workload): string[] {
  const states = new Map(now.nodes.map(({ id, state }) => [id, state]))
  return [...ready].flatMap(([id, hostname]) => {
    const state = states.get(id) ?? 'no longer listed'
    return state === 'ready' ? [] : [`${hostname} is ${state}`]
  })
}

/** A job is not expected to keep running. */
function serviceProblems(before: Baseline, now: Workload): string[] {
  const running = placesOf(now.tasks)
  const reasons = new Map(
    now.tasks
      .filter(task => task.error !== undefined && isAlive(task))
      .map(({ serviceId, error }) => [serviceId, error]),
  )
  return now.services.flatMap(service => {
    const there = running.get(service.id) ?? []
    const { runs, wanted } = countsOf(service, there, before, now)
    if (runs >= wanted) return []
    const reason = reasons.get(service.id)
    return [`${service.name} runs ${runs} of ${wanted} tasks${reason ? ` (${reason})` : ''}`]
  })
}

/** How many tasks of a service run and are to run. Of a global one, only nodes that take tasks now are to run it. */
function countsOf(
  { id, mode, replicas }: Service,
  running: readonly string[],
  before: Baseline,
  { nodes }: Workload,
): { readonly runs: number; readonly wanted: number } {
  if (mode === 'replicated')
    return { runs: running.length, wanted: Math.min(replicas, before.running.get(id) ?? 0) }
  if (mode !== 'global') return { runs: 0, wanted: 0 }
  const places = nodes.filter(node => takesTasks(node) && before.everywhere.get(id)?.has(node.id))
  const there = new Set(running)
  return { runs: places.filter(node => there.has(node.id)).length, wanted: places.length }
}
