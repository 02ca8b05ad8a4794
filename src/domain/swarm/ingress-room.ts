/** A service that publishes ports through the routing mesh. */
export interface PublishedService {
  /** Whether it runs one task on each node. */
  readonly isGlobal: boolean
  /** The desired number of tasks, if it is not global. */
  readonly tasks: number
}

/** The number of addresses that the ingress network has and needs. */
export interface IngressRoom {
  readonly has: number
  readonly needs: number
}

/** Network, gateway and broadcast. */
const RESERVED = 3

/**
 * Every node needs an address in the ingress network, even if it runs nothing, and so do every service that publishes ports
 * and each of its tasks. If there is none left, tasks stay `New`, and only the leader's log says why.
 * @param subnets such as `10.0.0.0/24`
 * @param nodes the total number of nodes
 */
export function ingressRoom(
  subnets: readonly string[],
  nodes: number,
  services: readonly PublishedService[],
): IngressRoom {
  const sizes = subnets.map(subnet => 2 ** (32 - Number(subnet.split('/')[1])) - RESERVED)
  const published = services.map(({ isGlobal, tasks }) => 1 + (isGlobal ? nodes : tasks))
  return { has: sum(sizes), needs: nodes + sum(published) }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
