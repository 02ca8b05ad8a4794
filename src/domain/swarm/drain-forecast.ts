import { runsOn, satisfies, takesTasks } from './task-placement.ts'
import { isAlive, type Service, type SwarmNode, type Workload } from './workload.ts'

/** What draining nodes does to one service. */
export interface DrainImpact {
  readonly service: string
  /** `downtime`: it answers nobody for a while. `stuck`: tasks find no other node, so the drain would not end. */
  readonly kind: 'downtime' | 'stuck'
  readonly reason: string
}

/**
 * Predicts what a drain would do to the services that run on the drained nodes. Global services are left out: their
 * tasks stop on a drained node by definition.
 * @param going the ids of the nodes to drain
 */
export function forecastDrain(workload: Workload, going: readonly string[]): DrainImpact[] {
  const room = new Room(workload, going)
  return workload.services.flatMap(service => {
    if (service.mode === 'global') return []
    const alive = workload.tasks.filter(task => task.serviceId === service.id && isAlive(task))
    const moving = alive.filter(task => going.includes(task.nodeId)).length
    if (moving === 0) return []
    const stuck = room.place(service, moving)
    const impacts: DrainImpact[] = stuck ? [{ service: service.name, kind: 'stuck', reason: stuck }] : []
    const staying = alive.some(task => !going.includes(task.nodeId) && task.state === 'running')
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
  readonly #nodes: readonly SwarmNode[]
  readonly #free = new Map<string, { nanoCpus: number; memoryBytes: number }>()
  readonly #ports = new Map<string, Set<string>>()
  readonly #counts = new Map<string, number>()

  constructor({ nodes, services, tasks }: Workload, going: readonly string[]) {
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

  #lackOf(nodes: readonly SwarmNode[], service: Service): string {
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
