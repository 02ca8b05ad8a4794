/** What a swarm holds, by name. */
export interface Inventory {
  readonly services: readonly string[]
  readonly secrets: readonly string[]
  readonly configs: readonly string[]
  readonly networks: readonly string[]
  /** By hostname, which need not be unique. */
  readonly nodes: readonly string[]
}

const KINDS = ['services', 'secrets', 'configs', 'networks'] as const

/**
 * How a swarm differs from what it is meant to hold, in sentences; empty when it does not. Nodes are left out: they come
 * and go.
 */
export function inventoryDifferences(expected: Inventory, found: Inventory): string[] {
  return KINDS.flatMap(kind => [
    ...named(`${kind} missing`, without(expected[kind], found[kind])),
    ...named(`${kind} that the backup does not know`, without(found[kind], expected[kind])),
  ])
}

/** Such as `2 services, 3 secrets, 1 config, 2 networks, 4 nodes`. */
export function inventoryInWords(inventory: Inventory): string {
  const counted = [...KINDS, 'nodes' as const].map(kind => {
    const { length } = inventory[kind]
    return `${length} ${length === 1 ? kind.slice(0, -1) : kind}`
  })
  return counted.join(', ')
}

function without(names: readonly string[], others: readonly string[]): string[] {
  return names.filter(name => !others.includes(name))
}

function named(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${what}: ${names.join(', ')}`]
}
