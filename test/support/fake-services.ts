import type { Service, Task } from '../../src/domain/swarm/workload.ts'
import type { Node } from '../../src/remote/nodes.ts'
import type { Reply } from './fake-host.ts'

/** The services of a `FakeSwarm` and their tasks; what is drained moves to the first node that takes tasks. */
export class FakeServices {
  #services: Service[] = []
  readonly #nodes: () => Node[]
  #tasks: Task[] = []
  /** Services whose tasks find no other node, or do not start on one, for this reason. */
  readonly stuck = new Map<string, string>()
  /** Nodes whose tasks do not stop. */
  readonly undying = new Set<string>()

  constructor(nodes: () => Node[]) {
    this.#nodes = nodes
  }

  /** Runs a service with one task on each of these nodes. */
  run(name: string, nodeIds: readonly string[], change: Partial<Service> = {}): void {
    this.#services.push(serviceNamed(name, { replicas: nodeIds.length, ...change }))
    for (const nodeId of nodeIds) this.#add(`id-${name}`, nodeId, 'running')
  }

  /** Stops a task of a service, which finds no place any more. */
  lose(name: string, reason: string): void {
    const lost = this.#tasks.find(task => task.serviceId === `id-${name}` && task.state === 'running')
    this.#tasks = this.#tasks.map(task =>
      task === lost ? { ...task, nodeId: '', state: 'pending', error: reason } : task,
    )
  }

  /** Runs the tasks of a service again that had found no place. */
  recover(name: string, nodeId: string): void {
    this.#tasks = this.#tasks.map(task =>
      task.serviceId === `id-${name}` && task.state === 'pending'
        ? { ...task, nodeId, state: 'running', error: undefined }
        : task,
    )
  }

  /** Removes a service whose tasks take their time to stop. */
  remove(name: string): void {
    this.#services = this.#services.filter(service => service.name !== name)
  }

  drained(nodeId: string): void {
    if (this.undying.has(nodeId)) return
    const leaving = this.#tasks.filter(
      task => task.nodeId === nodeId && task.state === 'running' && !this.#isJob(task.serviceId),
    )
    this.#tasks = this.#tasks.map(task => (leaving.includes(task) ? { ...task, state: 'shutdown' } : task))
    const next = this.#nodes().find(node => node.state === 'ready' && node.availability === 'active')
    for (const { serviceId } of leaving) {
      const service = this.#services.find(({ id }) => id === serviceId)
      const error = this.stuck.get(service?.name ?? '')
      if (service?.mode !== 'replicated') continue
      if (error) this.#add(serviceId, '', 'pending', error)
      else if (next) this.#add(serviceId, next.id, 'running')
    }
  }

  /** Global services start on a node that takes tasks again. */
  activated(nodeId: string): void {
    for (const { id, name, mode } of this.#services) {
      const isThere = this.#tasks.some(
        task => task.serviceId === id && task.nodeId === nodeId && task.state === 'running',
      )
      const error = this.stuck.get(name)
      if (mode === 'global' && !isThere) this.#add(id, nodeId, error ? 'starting' : 'running', error)
    }
  }

  /** Answers `GET /services` and `GET /tasks?filters=…`. */
  answer(request: string): Reply {
    const url = new URL(request.split(' ')[1] ?? '', 'http://docker')
    if (url.pathname === '/services') return answer(200, this.#services.map(printedService))
    const filters = JSON.parse(url.searchParams.get('filters') ?? '{}') as Record<string, string[]>
    const gone = filters.service?.find(id => !this.#services.some(service => service.id === id))
    if (gone !== undefined) return answer(404, { message: `service ${gone} not found` })
    const passes = (key: string, value: string) => filters[key]?.includes(value) ?? true
    const tasks = this.#tasks.filter(
      task =>
        passes('node', task.nodeId) &&
        passes('service', task.serviceId) &&
        passes('desired-state', task.desiredState),
    )
    return answer(200, tasks.map(printedTask))
  }

  #add(serviceId: string, nodeId: string, state: string, error?: string): void {
    this.#tasks.push({
      id: `task-${this.#tasks.length}`,
      serviceId,
      nodeId,
      state,
      desiredState: this.#isJob(serviceId) ? 'complete' : 'running',
      error,
    })
  }

  /** The swarm wants the tasks of a job to complete, and a drain does not stop them. */
  #isJob(serviceId: string): boolean {
    return this.#services.some(({ id, mode }) => id === serviceId && mode === 'job')
  }
}

/** A replicated service that runs anywhere. */
export function serviceNamed(name: string, change: Partial<Service> = {}): Service {
  return {
    id: `id-${name}`,
    name,
    mode: 'replicated',
    replicas: 1,
    constraints: [],
    platforms: [],
    hostPorts: [],
    reservation: { nanoCpus: 0, memoryBytes: 0, generic: {} },
    maxPerNode: 0,
    stopGraceMs: 1000,
    plugins: [],
    networks: [],
    unjudged: [],
    ...change,
  }
}

const MODES: Readonly<Record<Service['mode'], (service: Service) => object>> = {
  replicated: ({ replicas }) => ({ Replicated: { Replicas: replicas } }),
  global: () => ({ Global: {} }),
  unknown: () => ({}),
  job: ({ replicas }) => ({ ReplicatedJob: { TotalCompletions: replicas } }),
}

function printedService(service: Service): object {
  return {
    ID: service.id,
    Spec: {
      Name: service.name,
      Mode: MODES[service.mode](service),
      TaskTemplate: {
        ContainerSpec: { StopGracePeriod: service.stopGraceMs * 1e6 },
        Placement: { Constraints: service.constraints },
      },
    },
  }
}

function printedTask({ id, serviceId, nodeId, state, desiredState, error }: Task): object {
  return {
    ID: id,
    ServiceID: serviceId,
    NodeID: nodeId,
    DesiredState: desiredState,
    Status: { State: state, Err: error },
  }
}

/** An engine's answer over `docker system dial-stdio`. */
export function answer(status: number, body: object): Reply {
  return { stdout: `HTTP/1.0 ${status} X\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(body)}` }
}
