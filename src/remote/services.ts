import type { Service, Task } from '../domain/swarm/workload.ts'
import type { EngineCommand } from './command.ts'
import { engineRequest } from './engine.ts'

/** The engine's default stop grace period. */
const STOP_GRACE_MS = 10_000

/** Asks for all services. */
export const servicesRequest: EngineCommand = engineRequest('GET', '/services')

/** Selects tasks. Conditions on one key are alternatives; all keys must match. */
export interface TaskFilter {
  readonly nodeIds?: readonly string[]
  readonly serviceIds?: readonly string[]
  /** Only those that are meant to run. */
  readonly wanted?: true
}

/** Asks for tasks, including those that ended recently. */
export function tasksRequest({ nodeIds, serviceIds, wanted }: TaskFilter): EngineCommand {
  const filters = {
    ...(nodeIds && { node: nodeIds }),
    ...(serviceIds && { service: serviceIds }),
    ...(wanted && { 'desired-state': ['running'] }),
  }
  return engineRequest('GET', `/tasks?filters=${encodeURIComponent(JSON.stringify(filters))}`)
}

interface PrintedService {
  ID: string
  Spec: {
    Name: string
    Mode?: Record<string, { Replicas?: number } | undefined>
    TaskTemplate?: {
      ContainerSpec?: { StopGracePeriod?: number }
      Resources?: { Reservations?: { NanoCPUs?: number; MemoryBytes?: number } }
      Placement?: {
        Constraints?: string[] | null
        MaxReplicas?: number
        Platforms?: { OS?: string; Architecture?: string }[] | null
      }
    }
  }
  Endpoint?: { Ports?: { PublishMode?: string; PublishedPort?: number; Protocol?: string }[] | null }
}

/**
 * Reads the answer to `servicesRequest`.
 * @throws SyntaxError if it is not the engine's JSON
 */
export function parseServices(body: string): Service[] {
  return (JSON.parse(body) as PrintedService[]).map(({ ID, Spec, Endpoint }) => {
    const { ContainerSpec, Resources, Placement } = Spec.TaskTemplate ?? {}
    const grace = ContainerSpec?.StopGracePeriod
    const reserved = Resources?.Reservations
    return {
      id: ID,
      name: Spec.Name,
      ...modeOf(Spec.Mode ?? {}),
      constraints: Placement?.Constraints ?? [],
      platforms: (Placement?.Platforms ?? []).map(({ OS = '', Architecture = '' }) => ({
        os: OS,
        architecture: Architecture,
      })),
      hostPorts: (Endpoint?.Ports ?? [])
        .filter(port => port.PublishMode === 'host' && port.PublishedPort)
        .map(port => `${port.PublishedPort}/${port.Protocol ?? 'tcp'}`),
      reservation: { nanoCpus: reserved?.NanoCPUs ?? 0, memoryBytes: reserved?.MemoryBytes ?? 0 },
      maxPerNode: Placement?.MaxReplicas ?? 0,
      stopGraceMs: grace === undefined ? STOP_GRACE_MS : grace / 1e6,
    }
  })
}

function modeOf(mode: Record<string, { Replicas?: number } | undefined>): Pick<Service, 'mode' | 'replicas'> {
  if (mode.Replicated) return { mode: 'replicated', replicas: mode.Replicated.Replicas ?? 1 }
  return { mode: mode.Global ? 'global' : 'job', replicas: 0 }
}

/**
 * Reads the answer to `tasksRequest`.
 * @throws SyntaxError if it is not the engine's JSON
 */
export function parseTasks(body: string): Task[] {
  const tasks = JSON.parse(body) as {
    ID: string
    ServiceID?: string
    NodeID?: string
    DesiredState?: string
    Status?: { State?: string; Err?: string }
  }[]
  return tasks.map(({ ID, ServiceID, NodeID, DesiredState, Status }) => ({
    id: ID,
    serviceId: ServiceID ?? '',
    nodeId: NodeID ?? '',
    state: Status?.State ?? '',
    desiredState: DesiredState ?? '',
    error: Status?.Err || undefined,
  }))
}
