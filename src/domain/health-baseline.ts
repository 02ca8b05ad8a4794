import type { Service } from './drain-forecast.ts'
import { type HealthNode, runningOn, type SwarmSight } from './swarm-sight.ts'
import { runsOn, satisfies, takesTasks } from './task-placement.ts'

/** What a swarm must come to again after something was done to it. */
export interface Baseline {
  /** The host names of the nodes that are to be ready, by their ids. */
  readonly ready: ReadonlyMap<string, string>
  /** How many tasks of each replicated service are to run, by its id, as long as so many are wanted. */
  readonly running: ReadonlyMap<string, number>
  /** The ids of the nodes on which each global service is to run, by its id, as long as they take tasks. */
  readonly everywhere: ReadonlyMap<string, ReadonlySet<string>>
}

/** What is not well in a swarm: so little that the swarm itself can keep it, and from it the baseline is found again. */
export interface Degradation {
  /** The ids of the nodes that are not ready. */
  readonly nodes: readonly string[]
  /** How many tasks each service lacks, by its id; those that lack none are left out. */
  readonly services: Readonly<Record<string, number>>
}

/** The baseline that a swarm is itself: what is broken in it counts for nothing. */
export function baselineOf(sight: SwarmSight): Baseline {
  const ready = sight.nodes.filter(({ state }) => state === 'ready')
  const places = sight.services.map(({ id }) => [id, runningOn(id, sight)] as const)
  return {
    ready: new Map(ready.map(({ id, hostname }) => [id, hostname])),
    running: new Map(places.map(([id, nodeIds]) => [id, nodeIds.length])),
    everywhere: new Map(places.map(([id, nodeIds]) => [id, new Set(nodeIds)])),
  }
}

/** What is not well in a swarm. */
export function degradationOf(sight: SwarmSight): Degradation {
  const lacks = sight.services.map(service => [service.id, lackOf(service, sight)] as const)
  return {
    nodes: sight.nodes.filter(({ state }) => state !== 'ready').map(({ id }) => id),
    services: Object.fromEntries(lacks.filter(([, lack]) => lack > 0)),
  }
}

function lackOf(service: Service, sight: SwarmSight): number {
  if (service.mode === 'job') return 0
  if (service.mode === 'global') return nodesWithout(service, sight).length
  return service.replicas - runningOn(service.id, sight).length
}

/** The nodes on which a global service does not run, though it might. */
function nodesWithout(service: Service, sight: SwarmSight): HealthNode[] {
  const running = new Set(runningOn(service.id, sight))
  return placesOf(service, sight).filter(node => takesTasks(node) && !running.has(node.id))
}

function placesOf({ constraints, platforms }: Service, { nodes }: SwarmSight): HealthNode[] {
  return nodes.filter(
    node => runsOn(node, platforms) && constraints.every(constraint => satisfies(node, constraint)),
  )
}

/**
 * The baseline of a swarm of which only is known what was not well in it: all else is to be as the services want it.
 * @param now the swarm as it is, harmed as it may be
 */
export function baselineWithout(degraded: Degradation, now: SwarmSight): Baseline {
  const ready = now.nodes.filter(({ id }) => !degraded.nodes.includes(id))
  const lacked = ({ id }: Service) => degraded.services[id] ?? 0
  return {
    ready: new Map(ready.map(({ id, hostname }) => [id, hostname])),
    running: new Map(now.services.map(service => [service.id, service.replicas - lacked(service)])),
    everywhere: new Map(
      now.services.map(service => {
        const forgiven = nodesWithout(service, now).slice(0, lacked(service))
        const places = placesOf(service, now).filter(node => !forgiven.includes(node))
        return [service.id, new Set(places.map(({ id }) => id))]
      }),
    ),
  }
}
