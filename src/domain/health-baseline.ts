import { runningOf, type SwarmSight } from './swarm-sight.ts'

/** What a swarm must come to again after something was done to it. */
export interface Baseline {
  /** The host names of the nodes that are to be ready, by their ids. */
  readonly ready: ReadonlyMap<string, string>
  /** How many tasks of each replicated service are to run, by its id, as long as so many are wanted. */
  readonly running: ReadonlyMap<string, number>
}

/** What is not well in a swarm: so little that the swarm itself can keep it, and from it the baseline is found again. */
export interface Ailing {
  /** The ids of the nodes that are not ready. */
  readonly nodes: readonly string[]
  /** How many tasks each service lacks, by its id; those that lack none are left out. */
  readonly services: Readonly<Record<string, number>>
}

/** The baseline that a swarm is itself: what is broken in it counts for nothing. */
export function baselineOf(sight: SwarmSight): Baseline {
  const ready = sight.nodes.filter(({ state }) => state === 'ready')
  return {
    ready: new Map(ready.map(({ id, hostname }) => [id, hostname])),
    running: new Map(sight.services.map(({ id }) => [id, runningOf(id, sight)])),
  }
}

/** What is not well in a swarm. */
export function ailingIn(sight: SwarmSight): Ailing {
  const lacks = sight.services.map(({ id, mode, replicas }) => {
    const lack = mode === 'replicated' ? replicas - runningOf(id, sight) : 0
    return [id, lack] as const
  })
  return {
    nodes: sight.nodes.filter(({ state }) => state !== 'ready').map(({ id }) => id),
    services: Object.fromEntries(lacks.filter(([, lack]) => lack > 0)),
  }
}

/**
 * The baseline of a swarm of which only is known what was not well in it: all else is to be as the services want it.
 * @param now the swarm as it is, harmed as it may be
 */
export function baselineBut(ailing: Ailing, now: SwarmSight): Baseline {
  const ready = now.nodes.filter(({ id }) => !ailing.nodes.includes(id))
  return {
    ready: new Map(ready.map(({ id, hostname }) => [id, hostname])),
    running: new Map(now.services.map(({ id, replicas }) => [id, replicas - (ailing.services[id] ?? 0)])),
  }
}
