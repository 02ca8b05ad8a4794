import type { Plugin, Service, Task } from '../domain/swarm/workload.ts'
import type { EngineCommand } from './command.ts'
import { engineRequest } from './engine.ts'
import { EngineObject } from './engine-json.ts'
import { genericResources } from './generic-resources.ts'

/** The engine's default stop grace period. */
const STOP_GRACE_MS = 10_000

/** Asks for all services. */
export const servicesRequest: EngineCommand = engineRequest('GET', '/services')

/** Selects tasks. Conditions on one key are alternatives; all keys must match. */
export interface TaskFilter {
  readonly nodeIds?: readonly string[]
  readonly serviceIds?: readonly string[]
  /** Only those that are meant to run, or, as tasks of jobs are, to complete. */
  readonly wanted?: true
}

/** Asks for tasks, including those that ended recently. */
export function tasksRequest({ nodeIds, serviceIds, wanted }: TaskFilter): EngineCommand {
  const filters = {
    ...(nodeIds && { node: nodeIds }),
    ...(serviceIds && { service: serviceIds }),
    ...(wanted && { 'desired-state': ['running', 'complete'] }),
  }
  return engineRequest('GET', `/tasks?filters=${encodeURIComponent(JSON.stringify(filters))}`)
}

/**
 * Reads the answer to `servicesRequest`.
 * @throws SyntaxError if it is not the engine's JSON
 */
export function parseServices(body: string): Service[] {
  return EngineObject.readList(body).map(serviceOf)
}

function serviceOf(printed: EngineObject): Service {
  const spec = printed.object('Spec')
  const template = spec.object('TaskTemplate')
  const container = template.object('ContainerSpec')
  const reserved = template.object('Resources').object('Reservations')
  const placement = template.object('Placement')
  const mounts = container.objects('Mounts')
  return {
    id: printed.name('ID'),
    name: spec.name('Name'),
    ...modeOf(spec.object('Mode')),
    constraints: placement.texts('Constraints'),
    platforms: placement.objects('Platforms').map(platform => ({
      os: platform.text('OS'),
      architecture: platform.text('Architecture'),
    })),
    hostPorts: printed
      .object('Endpoint')
      .objects('Ports')
      .filter(port => port.text('PublishMode') === 'host' && port.count('PublishedPort') > 0)
      .map(port => `${port.count('PublishedPort')}/${port.text('Protocol') || 'tcp'}`),
    reservation: {
      nanoCpus: reserved.count('NanoCPUs'),
      memoryBytes: reserved.count('MemoryBytes'),
      generic: genericResources(reserved),
    },
    maxPerNode: placement.count('MaxReplicas'),
    stopGraceMs: container.count('StopGracePeriod', STOP_GRACE_MS * 1e6) / 1e6,
    plugins: [...mounts.flatMap(volumeDriver), ...logDriver(template)],
    networks: [...template.objects('Networks'), ...spec.objects('Networks')].map(network =>
      network.text('Target'),
    ),
    unjudged: mounts.some(mount => mount.text('Type') === 'cluster') ? ['it mounts a cluster volume'] : [],
  }
}

function modeOf(mode: EngineObject): Pick<Service, 'mode' | 'replicas'> {
  if (mode.has('Replicated'))
    return { mode: 'replicated', replicas: mode.object('Replicated').count('Replicas', 1) }
  if (mode.has('Global')) return { mode: 'global', replicas: 0 }
  const isJob = mode.has('ReplicatedJob') || mode.has('GlobalJob')
  return { mode: isJob ? 'job' : 'unknown', replicas: 0 }
}

/** Every engine has the driver `local`. */
function volumeDriver(mount: EngineObject): Plugin[] {
  const name = mount.object('VolumeOptions').object('DriverConfig').text('Name')
  return mount.text('Type') === 'volume' && name !== '' && name !== 'local' ? [{ type: 'Volume', name }] : []
}

function logDriver(template: EngineObject): Plugin[] {
  const name = template.object('LogDriver').text('Name')
  return name !== '' && name !== 'none' ? [{ type: 'Log', name }] : []
}

/** Asks for all networks. */
export const networksRequest: EngineCommand = engineRequest('GET', '/networks')

/**
 * Reads the drivers of networks by their ids from the answer to `networksRequest`.
 * @throws SyntaxError if it is not the engine's JSON
 */
export function parseNetworkDrivers(body: string): Map<string, string> {
  return new Map(
    EngineObject.readList(body).map(network => [network.name('Id'), network.text('Driver')] as const),
  )
}

/**
 * Reads the answer to `tasksRequest`.
 * @throws SyntaxError if it is not the engine's JSON
 */
export function parseTasks(body: string): Task[] {
  return EngineObject.readList(body).map(printed => {
    const status = printed.object('Status')
    return {
      id: printed.name('ID'),
      serviceId: printed.text('ServiceID'),
      nodeId: printed.text('NodeID'),
      state: status.text('State'),
      desiredState: printed.text('DesiredState'),
      error: status.text('Err') || undefined,
    }
  })
}
