import { runsOn, satisfies, takesTasks } from './task-placement.ts'
import type { Service } from './workload.ts'
import { runningOn, type SwarmNode, type Workload } from './workload.ts'

/** The health that a swarm must return to after a change. */
export interface Baseline {
  /** The host names of the nodes that are to be ready, by their ids. */
  readonly ready: ReadonlyMap<string, string>
  /** How many tasks of each replicated service are to run, by its id, as long as so many are wanted. */
  readonly running: ReadonlyMap<string, number>
  /** The ids of the nodes on which each global service is to run, by its id, as long as they take tasks. */
  readonly everywhere: ReadonlyMap<string, ReadonlySet<string>>
}

/** What is degraded in a swarm. Small enough to be kept in the swarm itself, and enough to compute the baseline again. */
export interface Degradation {
  /** The ids of the nodes that are not ready. */
  readonly nodes: readonly string[]
  /** How many tasks each service lacks, by its id; those that lack none are left out. */
  readonly services: Readonly<Record<string, number>>
}

/** The current state of a swarm as its baseline: what is broken now is not expected to work later. */
export function baselineOf(workload: Workload): Baseline {
  const ready = workload.nodes.filter(({ state }) => state === 'ready')
  const places = workload.services.map(({ id }) => [id, runningOn(id, workload)] as const)
  return {
    ready: new Map(ready.map(({ id, hostname }) => [id, hostname])),
    running: new Map(places.map(([id, nodeIds]) => [id, nodeIds.length])),
    everywhere: new Map(places.map(([id, nodeIds]) => [id, new Set(nodeIds)])),
  }
}

/** What is degraded in a swarm. */
export function degradationOf(workload: Workload): Degradation {
  const lacks = workload.services.map(service => [service.id, lackOf(service, workload)] as const)
  return {
    nodes: workload.nodes.filter(({ state }) => state !== 'ready').map(({ id }) => id),
    services: Object.fromEntries(lacks.filter(([, lack]) => lack > 0)),
  }
}

function lackOf(service: Service, workload: Workload): number {
  if (service.mode === 'job') return 0
  if (service.mode === 'global') return nodesWithout(service, workload).length
  return service.replicas - runningOn(service.id, workload).length
}

/** The nodes on which a global service could run, and does not. */
function nodesWithout(service: Service, workload: Workload): SwarmNode[] {
  const running = new Set(runningOn(service.id, workload))
  return placesOf(service, workload).filter(node => takesTasks(node) && !running.has(node.id))
}

function placesOf({ constraints, platforms }: Service, { nodes }: Workload): SwarmNode[] {
  return nodes.filter(
    node => runsOn(node, platforms) && constraints.every(constraint => satisfies(node, constraint)),
  )
}

/**
 * The baseline of a swarm of which only the degradation is known: everything else is expected to be as the services
 * are configured.
 * @param now the swarm as it is, which may be degraded further
 */
export function baselineWithout(degraded: Degradation, now: Workload): Baseline {
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
