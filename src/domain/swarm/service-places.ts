import type { Room } from './room.ts'
import { requirementsOf } from './task-placement.ts'
import type { Service, SwarmNode } from './workload.ts'

/** The nodes that may run the tasks of one service, if they have room. */
interface Places {
  /** Nodes that meet all requirements, then those of which Belt cannot tell. */
  readonly sure: readonly string[]
  readonly unsure: readonly string[]
  /** What Belt cannot tell of those. */
  readonly doubts: ReadonlySet<string>
  /** The nodes that fail each requirement first, with what they do not do. */
  readonly unfit: readonly { readonly unmet: string; readonly ids: readonly string[] }[]
}

/** What keeps tasks from finding another node. */
export interface Search {
  /** Why some find none for sure. */
  readonly stuck?: string
  /** What Belt cannot tell, and decides whether they do. */
  readonly doubt?: string
}

/** Finds other nodes for the tasks of services. */
export class ServicePlaces {
  readonly #nodes: readonly SwarmNode[]
  /** By the ids of the services: judging every node is done once for each. */
  readonly #known = new Map<string, Places>()

  /** @param nodes those that take tasks */
  constructor(nodes: readonly SwarmNode[]) {
    this.#nodes = nodes
  }

  /** Places tasks of a service on nodes that stay. Whatever can be judged decides before what cannot. */
  find(service: Service, count: number, gone: ReadonlySet<string>, room: Room): Search {
    if (this.#nodes.every(({ id }) => gone.has(id))) return { stuck: 'no other node takes tasks' }
    const places = this.#placesOf(service)
    const lacks = new Set<string>()
    const fill = (ids: readonly string[], wanted: number) => {
      let placed = 0
      for (const id of ids) {
        if (placed === wanted) break
        if (gone.has(id)) continue
        const filled = room.fill(id, service, wanted - placed)
        placed += filled.count
        if (filled.lack !== undefined) lacks.add(filled.lack)
      }
      return placed
    }
    const safe = fill(places.sure, count)
    const placed = safe + fill(places.unsure, count - safe)
    if (placed < count) {
      if (lacks.size > 0) return { stuck: `${placed} of ${count} tasks find room: ${[...lacks].join(', ')}` }
      const furthest = places.unfit.findLast(({ ids }) => ids.some(id => !gone.has(id)))
      return { stuck: `no other node ${furthest?.unmet}` }
    }
    const unknown =
      safe < count ? [...places.doubts].map(text => `it is not known which other node ${text}`) : []
    const doubts = [...service.unjudged, ...unknown]
    return doubts.length > 0 ? { doubt: doubts.join(' and ') } : {}
  }

  #placesOf(service: Service): Places {
    const known = this.#known.get(service.id)
    if (known) return known
    const requirements = requirementsOf(service).map(requirement => ({ ...requirement, ids: [] as string[] }))
    const places = {
      sure: [] as string[],
      unsure: [] as string[],
      doubts: new Set<string>(),
      unfit: requirements,
    }
    for (const node of this.#nodes) {
      const doubts = []
      let isUnfit = false
      for (const { judge, unmet, ids } of requirements) {
        const fit = judge(node)
        if (fit === 'unknown') doubts.push(unmet)
        if (fit !== 'no') continue
        ids.push(node.id)
        isUnfit = true
        break
      }
      if (isUnfit) continue
      if (doubts.length > 0) places.unsure.push(node.id)
      else places.sure.push(node.id)
      for (const doubt of doubts) places.doubts.add(doubt)
    }
    this.#known.set(service.id, places)
    return places
  }
}
