import {
  type PlacementNode,
  type Platform,
  type Resources,
  runsOn,
  satisfies,
  takesTasks,
} from './task-placement.ts'

/** A service as far as it matters to where its tasks may run. */
export interface Service {
  readonly id: string
  readonly name: string
  readonly mode: 'replicated' | 'global' | 'job'
  /** How many tasks are wanted; 0 for a global service. */
  readonly replicas: number
  readonly constraints: readonly string[]
  readonly platforms: readonly Platform[]
  /** Published in host mode, such as `8080/tcp`: no two tasks on one node can have the same. */
  readonly hostPorts: readonly string[]
  readonly reservation: Resources
  /** 0: as many as there is room for. */
  readonly maxPerNode: number
  /** How long a task may take to stop. */
  readonly stopGraceMs: number
}

export interface Task {
  readonly id: string
  readonly serviceId: string
  /** Empty while none is chosen. */
  readonly nodeId: string
  readonly state: string
  readonly desiredState: string
  /** Why it is where it is, such as `no suitable node (…)`. */
  readonly error: string | undefined
}

/** What draining nodes does to one service. */
export interface Impact {
  readonly service: string
  /** `downtime`: it answers nobody for a while. `stuck`: tasks find no other node, so the drain would not end. */
  readonly kind: 'downtime' | 'stuck'
  readonly reason: string
}

export interface Scene {
  /** The ids of the nodes that are to be drained. */
  readonly going: readonly string[]
  readonly nodes: readonly PlacementNode[]
  readonly services: readonly Service[]
  readonly tasks: readonly Task[]
}

/** The states in which a task has a container, or is about to. */
const ALIVE = ['new', 'pending', 'assigned', 'accepted', 'preparing', 'ready', 'starting', 'running']

/** Whether a task still runs, or is about to. */
export function isAlive(task: Task): boolean {
  return ALIVE.includes(task.state)
}

/**
 * What draining these nodes would do to the services that run on them, seen before it is done. Global services are
 * left out: that they stop on a drained node is what draining means.
 */
export function forecastDrain(scene: Scene): Impact[] {
  const room = new Room(scene)
  return scene.services.flatMap(service => {
    if (service.mode === 'global') return []
    const alive = scene.tasks.filter(task => task.serviceId === service.id && isAlive(task))
    const moving = alive.filter(task => scene.going.includes(task.nodeId)).length
    if (moving === 0) return []
    const stuck = room.place(service, moving)
    const impacts: Impact[] = stuck ? [{ service: service.name, kind: 'stuck', reason: stuck }] : []
    const staying = alive.some(task => !scene.going.includes(task.nodeId) && task.state === 'running')
    return staying
      ? impacts
      : [...impacts, { service: service.name, kind: 'downtime', reason: whyDown(moving) }]
  })
}

function whyDown(moving: number): string {
  return moving === 1
    ? 'its only task stops before another one starts'
    : `all its ${moving} tasks are on these nodes, and stop before others start`
}

/** What is left on the nodes that stay, as tasks are placed on them one service after the other. */
class Room {
  readonly #nodes: readonly PlacementNode[]
  readonly #free = new Map<string, { nanoCpus: number; memoryBytes: number }>()
  readonly #ports = new Map<string, Set<string>>()
  readonly #counts = new Map<string, number>()

  constructor({ going, nodes, services, tasks }: Scene) {
    this.#nodes = nodes.filter(node => takesTasks(node) && !going.includes(node.id))
    for (const node of this.#nodes) {
      this.#free.set(node.id, { ...node.resources })
      this.#ports.set(node.id, new Set())
    }
    const byId = new Map(services.map(service => [service.id, service]))
    for (const task of tasks.filter(isAlive)) {
      const service = byId.get(task.serviceId)
      if (service && this.#free.has(task.nodeId)) this.#take(task.nodeId, service)
    }
  }

  /** Finds nodes for tasks of a service. @returns why some find none; undefined when all do */
  place(service: Service, count: number): string | undefined {
    if (this.#nodes.length === 0) return 'no other node takes tasks'
    const fitting = this.#nodes.filter(node => runsOn(node, service.platforms))
    if (fitting.length === 0) return 'no other node has the platform that its image is made for'
    const allowed = fitting.filter(node => service.constraints.every(rule => satisfies(node, rule)))
    if (allowed.length === 0) return `no other node satisfies ${service.constraints.join(' and ')}`
    for (let placed = 0; placed < count; placed++) {
      const node = allowed.find(({ id }) => this.#lacks(id, service) === undefined)
      if (!node) return `${placed} of ${count} tasks find room: ${this.#lackOf(allowed, service)}`
      this.#take(node.id, service)
    }
    return undefined
  }

  #lackOf(nodes: readonly PlacementNode[], service: Service): string {
    const lacks = nodes.map(node => this.#lacks(node.id, service))
    return [...new Set(lacks.filter(lack => lack !== undefined))].join(', ')
  }

  #lacks(nodeId: string, { id, hostPorts, maxPerNode, reservation }: Service): string | undefined {
    const free = this.#free.get(nodeId)
    const taken = hostPorts.find(port => this.#ports.get(nodeId)?.has(port))
    if (taken) return `host port ${taken} is taken`
    if (maxPerNode > 0 && (this.#counts.get(`${nodeId} ${id}`) ?? 0) >= maxPerNode)
      return `at most ${maxPerNode} may run on a node`
    if (free && reservation.nanoCpus > free.nanoCpus) return 'not enough free processors'
    if (free && reservation.memoryBytes > free.memoryBytes) return 'not enough free memory'
    return undefined
  }

  #take(nodeId: string, { id, hostPorts, reservation }: Service): void {
    const free = this.#free.get(nodeId)
    if (free) {
      free.nanoCpus -= reservation.nanoCpus
      free.memoryBytes -= reservation.memoryBytes
    }
    for (const port of hostPorts) this.#ports.get(nodeId)?.add(port)
    this.#counts.set(`${nodeId} ${id}`, (this.#counts.get(`${nodeId} ${id}`) ?? 0) + 1)
  }
}
