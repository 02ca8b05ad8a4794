import { BlockList, isIP } from 'node:net'

/** What the engine takes the networks of services from if it is given no pool. */
const DEFAULT_POOL = '10.0.0.0/8'

/** Hosts whose addresses lie in the pool of the networks of services. */
export interface PoolClash {
  /** Whether the pool was chosen, so that it can be chosen otherwise. */
  readonly isChosen: boolean
  readonly pools: readonly string[]
  /** The names of the hosts. */
  readonly hosts: readonly string[]
}

/**
 * Finds hosts whose addresses lie in the pool from which the swarm takes the networks of its services. Where such a network
 * holds the address of a host, containers reach that host no more.
 * @param chosen the pools that the swarm is given; none leaves the choice to the engine
 */
export function poolClash(
  chosen: readonly string[] | undefined,
  hosts: readonly { readonly name: string; readonly addresses: readonly string[] }[],
): PoolClash | undefined {
  const isChosen = chosen !== undefined && chosen.length > 0
  const pools = isChosen ? chosen : [DEFAULT_POOL]
  const taken = new BlockList()
  for (const pool of pools) {
    const [network = '', bits] = pool.split('/')
    if (isIP(network) === 4) taken.addSubnet(network, Number(bits), 'ipv4')
  }
  const within = hosts.filter(({ addresses }) =>
    addresses.some(address => isIP(address) === 4 && taken.check(address, 'ipv4')),
  )
  return within.length === 0 ? undefined : { isChosen, pools, hosts: within.map(({ name }) => name) }
}
