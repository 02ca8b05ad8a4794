/** A service that publishes ports through the routing mesh. */
export interface PublishedService {
  /** One task on each node. */
  readonly isGlobal: boolean
  /** How many tasks are wanted, where it is not global. */
  readonly tasks: number
}

/** The addresses that the ingress network has, and those that are needed. */
export interface IngressRoom {
  readonly has: number
  readonly needs: number
}

/** Network, gateway and broadcast. */
const RESERVED = 3

/**
 * Every node has an address in the ingress network, those that run nothing too; so has every service that publishes
 * ports, and each of its tasks. When there is none left, tasks stay `New` and only the leader's log says why.
 * @param subnets such as `10.0.0.0/24`
 * @param nodes how many there will be
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
