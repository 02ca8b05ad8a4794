import { allOf, requirementsOf, takesTasks } from './task-placement.ts'
import { placesOf, type Service, type SwarmNode, type Workload } from './workload.ts'

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
  const running = placesOf(workload.tasks)
  const places = workload.services.map(({ id }) => [id, running.get(id) ?? []] as const)
  return {
    ready: new Map(ready.map(({ id, hostname }) => [id, hostname])),
    running: new Map(places.map(([id, nodeIds]) => [id, nodeIds.length])),
    everywhere: new Map(places.map(([id, nodeIds]) => [id, new Set(nodeIds)])),
  }
}

/** What is degraded in a swarm. */
export function degradationOf(workload: Workload): Degradation {
  const running = placesOf(workload.tasks)
  const lacks = workload.services.map(
    service => [service.id, lackOf(service, workload, running.get(service.id) ?? [])] as const,
  )
  return {
    nodes: workload.nodes.filter(({ state }) => state !== 'ready').map(({ id }) => id),
    services: Object.fromEntries(lacks.filter(([, lack]) => lack > 0)),
  }
}

/** @param running the ids of the nodes on which it runs */
function lackOf(service: Service, { nodes }: Workload, running: readonly string[]): number {
  if (service.mode === 'global') return nodesWithout(service, nodes, running).length
  return service.mode === 'replicated' ? service.replicas - running.length : 0
}

/** The nodes on which a global service could run, and does not. */
function nodesWithout(
  service: Service,
  nodes: readonly SwarmNode[],
  running: readonly string[],
): SwarmNode[] {
  const there = new Set(running)
  return fittingNodes(service, nodes).filter(node => takesTasks(node) && !there.has(node.id))
}

/** Nodes of which Belt cannot tell are left out: nothing is expected of them. */
function fittingNodes(service: Service, nodes: readonly SwarmNode[]): SwarmNode[] {
  const requirements = requirementsOf(service)
  return nodes.filter(node => allOf(requirements, ({ judge }) => judge(node)) === 'yes')
}

/**
 * The baseline of a swarm of which only the degradation is known: everything else is expected to be as the services
 * are configured.
 * @param now the swarm as it is, which may be degraded further
 */
export function baselineWithout(degraded: Degradation, now: Workload): Baseline {
  const down = new Set(degraded.nodes)
  const ready = now.nodes.filter(({ id }) => !down.has(id))
  const running = placesOf(now.tasks)
  const lacked = ({ id }: Service) => degraded.services[id] ?? 0
  return {
    ready: new Map(ready.map(({ id, hostname }) => [id, hostname])),
    running: new Map(now.services.map(service => [service.id, service.replicas - lacked(service)])),
    everywhere: new Map(
      now.services.map(service => {
        const without = nodesWithout(service, now.nodes, running.get(service.id) ?? [])
        const forgiven = new Set(without.slice(0, lacked(service)))
        const places = fittingNodes(service, now.nodes).filter(node => !forgiven.has(node))
        return [service.id, new Set(places.map(({ id }) => id))]
      }),
    ),
  }
}
