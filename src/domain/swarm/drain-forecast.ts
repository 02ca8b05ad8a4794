import { Room } from './room.ts'
import { ServicePlaces } from './service-places.ts'
import { takesTasks } from './task-placement.ts'
import { isAlive, type Service, type SwarmNode, type Workload } from './workload.ts'

/** What draining nodes does to one service. */
export interface DrainImpact {
  readonly service: string
  /**
   * `downtime`: it answers nobody for a while. `stuck`: tasks find no other node, so the drain would not end. `job`: the
   * drain does not stop its tasks. `unknown`: Belt cannot judge whether its tasks find another node.
   */
  readonly kind: 'downtime' | 'stuck' | 'job' | 'unknown'
  readonly reason: string
}

/** Whether a drain would not end by itself. */
export function holdsDrain({ kind }: DrainImpact): boolean {
  return kind === 'stuck' || kind === 'job'
}

/** The living tasks of one service. */
interface Spread {
  running: number
  /** How many are alive and how many of them run, by node. */
  readonly on: Map<string, { alive: number; running: number }>
}

/**
 * Predicts what drains would do to the services that run on the drained nodes. Global services are left out: their tasks stop
 * on a drained node by definition. One forecast serves many drains, each of which starts from the same swarm.
 */
export class DrainForecast {
  readonly #services: readonly Service[]
  readonly #spreads = new Map<string, Spread>()
  readonly #servicesOn = new Map<string, Set<string>>()
  readonly #room: Room
  readonly #places: ServicePlaces

  constructor({ nodes, services, tasks }: Workload) {
    const open: readonly SwarmNode[] = nodes.filter(takesTasks)
    this.#services = services
    this.#places = new ServicePlaces(open)
    this.#room = new Room(open)
    const byId = new Map(services.map(service => [service.id, service]))
    for (const task of tasks) {
      const service = byId.get(task.serviceId)
      if (!service || !isAlive(task)) continue
      this.#count(service.id, task.nodeId, task.state === 'running')
      this.#room.take(task.nodeId, service)
    }
  }

  /** @param going the ids of the nodes to drain */
  impactsOf(going: readonly string[]): DrainImpact[] {
    const gone = new Set(going)
    const touched = new Set(going.flatMap(id => [...(this.#servicesOn.get(id) ?? [])]))
    const room = this.#room.copy()
    return this.#services
      .filter(({ id }) => touched.has(id))
      .flatMap(service => this.#impactsOn(service, gone, room))
  }

  #impactsOn(service: Service, gone: ReadonlySet<string>, room: Room): DrainImpact[] {
    const { name, mode } = service
    const impact = (kind: DrainImpact['kind'], reason: string): DrainImpact => ({
      service: name,
      kind,
      reason,
    })
    const { moving, staying } = this.#partsOf(service, gone)
    if (mode === 'global') return []
    if (mode === 'job') return [impact('job', whyHeld(moving))]
    if (mode === 'unknown') return [impact('unknown', 'its mode is new to Belt')]
    const { stuck, doubt } = this.#places.find(service, moving, gone, room)
    return [
      ...(stuck ? [impact('stuck', stuck)] : []),
      ...(doubt ? [impact('unknown', doubt)] : []),
      ...(staying > 0 ? [] : [impact('downtime', whyDown(moving))]),
    ]
  }

  #count(serviceId: string, nodeId: string, isRunning: boolean): void {
    const spread = this.#spreads.get(serviceId) ?? { running: 0, on: new Map() }
    const there = spread.on.get(nodeId) ?? { alive: 0, running: 0 }
    there.alive += 1
    if (isRunning) {
      there.running += 1
      spread.running += 1
    }
    spread.on.set(nodeId, there)
    this.#spreads.set(serviceId, spread)
    const services = this.#servicesOn.get(nodeId) ?? new Set()
    this.#servicesOn.set(nodeId, services.add(serviceId))
  }

  /** How many tasks of a service must move, and how many that run stay. */
  #partsOf({ id }: Service, gone: ReadonlySet<string>): { moving: number; staying: number } {
    const spread = this.#spreads.get(id)
    let moving = 0
    let staying = spread?.running ?? 0
    for (const nodeId of gone) {
      const there = spread?.on.get(nodeId)
      moving += there?.alive ?? 0
      staying -= there?.running ?? 0
    }
    return { moving, staying }
  }
}

function whyDown(moving: number): string {
  return moving === 1
    ? 'its only task stops before another one starts'
    : `all its ${moving} tasks are on these nodes, and stop before others start`
}

function whyHeld(tasks: number): string {
  return tasks === 1
    ? 'a drain does not stop its task; it ends when that has'
    : `a drain does not stop its ${tasks} tasks; it ends when they have`
}
