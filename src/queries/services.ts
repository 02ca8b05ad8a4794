import type { Service, Task } from '../domain/swarm/workload.ts'
import { readEngine } from '../hosts/engine-client.ts'
import type { Host } from '../hosts/host.ts'
import {
  parseServices,
  parseTasks,
  servicesRequest,
  type TaskFilter,
  tasksRequest,
} from '../remote/services.ts'

/** Reads all services from a manager. @throws when they cannot be read */
export function readServices(manager: Host, signal?: AbortSignal): Promise<Service[]> {
  return readEngine(manager, servicesRequest, parseServices, { signal })
}

/** Reads tasks from a manager. @throws when they cannot be read */
export async function readTasks(manager: Host, filter: TaskFilter, signal?: AbortSignal): Promise<Task[]> {
  // The engine takes an empty list for no condition.
  if (filter.nodeIds?.length === 0 || filter.serviceIds?.length === 0) return []
  return readEngine(manager, tasksRequest(filter), parseTasks, { signal })
}
