import type { Baseline } from './baseline.ts'
import { takesTasks } from './task-placement.ts'
import { isAlive, runningOn, type Service, type SwarmNode, type Workload } from './workload.ts'

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
  return now.services.flatMap(service => {
    if (service.mode === 'job') return []
    const places = service.mode === 'global' ? globalPlaces : replicatedPlaces
    const { running, wanted } = places(service, before, now)
    if (running >= wanted) return []
    const reason = now.tasks.find(task => task.serviceId === service.id && isAlive(task) && task.error)?.error
    return [`${service.name} runs ${running} of ${wanted} tasks${reason ? ` (${reason})` : ''}`]
  })
}

interface Places {
  readonly running: number
  readonly wanted: number
}

function replicatedPlaces({ id, replicas }: Service, before: Baseline, now: Workload): Places {
  return {
    running: runningOn(id, now).length,
    wanted: Math.min(replicas, before.running.get(id) ?? 0),
  }
}

/** Only nodes that take tasks now are expected to run it. */
function globalPlaces({ id }: Service, before: Baseline, now: Workload): Places {
  const places = now.nodes.filter(node => takesTasks(node) && before.everywhere.get(id)?.has(node.id))
  const running = new Set(runningOn(id, now))
  return { running: places.filter(node => running.has(node.id)).length, wanted: places.length }
}
