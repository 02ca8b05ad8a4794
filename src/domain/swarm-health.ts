import { isAlive, type Service } from './drain-forecast.ts'
import type { Baseline } from './health-baseline.ts'
import { type HealthNode, runningOn, type SwarmSight } from './swarm-sight.ts'
import { takesTasks } from './task-placement.ts'

/**
 * Why a swarm is not as well as it was before, in sentences; empty when it is. What was broken before counts for
 * nothing, except among the managers: those must all answer.
 */
export function healthProblems(before: Baseline, now: SwarmSight): string[] {
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

/** A job is no service that ought to go on running. */
function servicesShort(before: Baseline, now: SwarmSight): string[] {
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

function replicatedPlaces({ id, replicas }: Service, before: Baseline, now: SwarmSight): Places {
  return {
    running: runningOn(id, now).length,
    wanted: Math.min(replicas, before.running.get(id) ?? 0),
  }
}

/** Only nodes that take tasks now are to run it. */
function globalPlaces({ id }: Service, before: Baseline, now: SwarmSight): Places {
  const places = now.nodes.filter(node => takesTasks(node) && before.everywhere.get(id)?.has(node.id))
  const running = new Set(runningOn(id, now))
  return { running: places.filter(node => running.has(node.id)).length, wanted: places.length }
}
