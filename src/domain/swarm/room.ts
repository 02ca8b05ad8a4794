import type { Service, SwarmNode } from './workload.ts'

/** What is left on one node. */
interface Rest {
  nanoCpus: number
  memoryBytes: number
  readonly generic: Map<string, number>
  readonly ports: Set<string>
  /** How many tasks of each service are there, by its id. */
  readonly counts: Map<string, number>
}

/** What is left on nodes, as tasks are placed on them. */
export class Room {
  readonly #rests: Map<string, Rest>
  /** What was there when this was copied; it is not changed. */
  readonly #before: Room | undefined

  constructor(nodes: readonly SwarmNode[], before?: Room) {
    this.#before = before
    this.#rests = new Map(
      nodes.map(({ id, resources: { nanoCpus, memoryBytes, generic } }) => [
        id,
        {
          nanoCpus,
          memoryBytes,
          generic: new Map(Object.entries(generic)),
          ports: new Set(),
          counts: new Map(),
        },
      ]),
    )
  }

  /** The same room, in which tasks are placed without any effect on this one. It costs as much as is placed in it. */
  copy(): Room {
    return new Room([], this)
  }

  /** Places a task on a node; on one that was not given, it takes nothing. */
  take(nodeId: string, { id, hostPorts, reservation }: Service): void {
    const rest = this.#own(nodeId)
    if (!rest) return
    rest.nanoCpus -= reservation.nanoCpus
    rest.memoryBytes -= reservation.memoryBytes
    for (const [kind, count] of Object.entries(reservation.generic))
      rest.generic.set(kind, (rest.generic.get(kind) ?? 0) - count)
    for (const port of hostPorts) rest.ports.add(port)
    rest.counts.set(id, (rest.counts.get(id) ?? 0) + 1)
  }

  /** Places as many of `most` tasks on a node as it has room for. @returns how many, and what it lacks for the next */
  fill(nodeId: string, service: Service, most: number): { count: number; lack: string | undefined } {
    for (let count = 0; count < most; count++) {
      const lack = this.#lackOf(nodeId, service)
      if (lack !== undefined) return { count, lack }
      this.take(nodeId, service)
    }
    return { count: most, lack: undefined }
  }

  /** What a node lacks for one more task of a service; undefined if nothing. */
  #lackOf(nodeId: string, { id, hostPorts, maxPerNode, reservation }: Service): string | undefined {
    const rest = this.#find(nodeId)
    if (!rest) return 'the node takes no tasks'
    const taken = hostPorts.find(port => rest.ports.has(port))
    if (taken) return `host port ${taken} is taken`
    if (maxPerNode > 0 && (rest.counts.get(id) ?? 0) >= maxPerNode)
      return `at most ${maxPerNode} may run on a node`
    const generic = Object.entries(reservation.generic)
    // The scheduler looks at resources only if some are reserved.
    if (reservation.nanoCpus === 0 && reservation.memoryBytes === 0 && generic.length === 0) return undefined
    if (reservation.nanoCpus > rest.nanoCpus) return 'not enough free processors'
    if (reservation.memoryBytes > rest.memoryBytes) return 'not enough free memory'
    const scarce = generic.find(([kind, count]) => count > (rest.generic.get(kind) ?? 0))
    return scarce && `not enough free ${scarce[0]}`
  }

  #find(nodeId: string): Rest | undefined {
    return this.#rests.get(nodeId) ?? (this.#before ? this.#before.#find(nodeId) : undefined)
  }

  #own(nodeId: string): Rest | undefined {
    const before = this.#find(nodeId)
    if (!before || this.#rests.has(nodeId)) return before
    const copy: Rest = {
      ...before,
      generic: new Map(before.generic),
      ports: new Set(before.ports),
      counts: new Map(before.counts),
    }
    this.#rests.set(nodeId, copy)
    return copy
  }
}
