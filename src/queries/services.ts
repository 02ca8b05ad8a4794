import type { Service, Task } from '../domain/swarm/workload.ts'
import { readEngine } from '../hosts/engine-client.ts'
import type { Host } from '../hosts/host.ts'
import {
  networksRequest,
  parseNetworkDrivers,
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

/**
 * Adds the plugins that services need for their networks. A network that the manager does not list is one of those that each
 * engine has, such as `host`.
 * @throws when the networks cannot be read
 */
export async function withNetworkPlugins(
  manager: Host,
  services: readonly Service[],
  signal?: AbortSignal,
): Promise<Service[]> {
  if (services.every(({ networks }) => networks.length === 0)) return [...services]
  const drivers = await readEngine(manager, networksRequest, parseNetworkDrivers, { signal })
  return services.map(service => {
    const names = service.networks.flatMap(id => drivers.get(id) || [])
    const plugins = [...new Set(names)].map(name => ({ type: 'Network' as const, name }))
    return { ...service, plugins: [...service.plugins, ...plugins] }
  })
}

/** Reads tasks from a manager. @throws when they cannot be read */
export async function readTasks(manager: Host, filter: TaskFilter, signal?: AbortSignal): Promise<Task[]> {
  // The engine takes an empty list for no condition.
  if (filter.nodeIds?.length === 0 || filter.serviceIds?.length === 0) return []
  return readEngine(manager, tasksRequest(filter), parseTasks, { signal })
}
