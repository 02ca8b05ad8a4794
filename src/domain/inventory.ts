/** The objects of a swarm, by name. */
export interface Inventory {
  readonly services: readonly string[]
  readonly secrets: readonly string[]
  readonly configs: readonly string[]
  readonly networks: readonly string[]
  /** By hostname, which may not be unique. */
  readonly nodes: readonly string[]
}

const KINDS = ['services', 'secrets', 'configs', 'networks'] as const

/** The objects that are in both inventories of a swarm, and therefore existed throughout. */
export function heldThroughout(before: Inventory, after: Inventory): Inventory {
  const both = (kind: keyof Inventory) => before[kind].filter(name => after[kind].includes(name))
  return {
    services: both('services'),
    secrets: both('secrets'),
    configs: both('configs'),
    networks: both('networks'),
    nodes: both('nodes'),
  }
}

/**
 * The objects that are missing from another inventory, by kind, such as `secrets: password, token`. Nodes are ignored,
 * because they come and go.
 */
export function inventoryWithout(inventory: Inventory, other: Inventory): string[] {
  return KINDS.flatMap(kind => {
    const names = inventory[kind].filter(name => !other[kind].includes(name))
    return names.length === 0 ? [] : [`${kind}: ${names.join(', ')}`]
  })
}

/** Such as `2 services, 3 secrets, 1 config, 2 networks, 4 nodes`. */
export function inventoryInWords(inventory: Inventory): string {
  const counted = [...KINDS, 'nodes' as const].map(kind => {
    const { length } = inventory[kind]
    return `${length} ${length === 1 ? kind.slice(0, -1) : kind}`
  })
  return counted.join(', ')
}
