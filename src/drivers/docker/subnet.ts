import { usageError } from '../../errors.ts'

/**
 * The addresses of a subnet available to machines, lowest first. Omits the network and broadcast addresses, and the first
 * address, which the engine uses for the gateway.
 * @param cidr such as `172.18.0.0/16`
 */
export function* machineAddresses(cidr: string): Generator<string> {
  const [base = '', bits = '32'] = cidr.split('/')
  const size = 2 ** (32 - Number(bits))
  const first = Math.floor(toNumber(base) / size) * size
  for (let address = first + 2; address < first + size - 1; address++) yield toAddress(address)
}

/** Allocates the free addresses of a subnet, each once. */
export class AddressPool {
  readonly #subnet: string
  readonly #free: Iterator<string>

  constructor(subnet: string, taken: ReadonlySet<string>) {
    this.#subnet = subnet
    this.#free = untaken(subnet, taken)
  }

  /** @throws a usage error if no address is left */
  next(): string {
    const { value, done } = this.#free.next()
    if (!done) return value
    throw usageError('subnet-full', `the cluster network ${this.#subnet} has no free address left`, {
      hint: 'to use a larger docker.subnet, remove all machines first, or create another cluster',
    })
  }
}

function* untaken(subnet: string, taken: ReadonlySet<string>): Generator<string> {
  for (const address of machineAddresses(subnet)) if (!taken.has(address)) yield address
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
}

function toAddress(number: number): string {
  return [24, 16, 8, 0].map(shift => (number >>> shift) & 255).join('.')
}
