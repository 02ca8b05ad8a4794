import type { Workload } from '../domain/swarm/workload.ts'
import type { Host } from '../hosts/host.ts'
import { readNodes, readServices, readTasks } from './read-swarm.ts'

/** Reads the nodes of a swarm, its services, and the tasks that should run. */
export async function readWorkload(manager: Host, signal?: AbortSignal): Promise<Workload> {
  const [nodes, services, tasks] = await Promise.all([
    readNodes(manager, signal),
    readServices(manager, signal),
    readTasks(manager, { wanted: true }, signal),
  ])
  return { nodes, services, tasks }
}
