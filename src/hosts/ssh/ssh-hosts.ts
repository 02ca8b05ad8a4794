import type { HostAddress } from '../host.ts'
import { ConnectionBudget } from './connection-budget.ts'
import { possibleConnections } from './connection-limit.ts'
import { Connector } from './connector.ts'
import type { SshOptions } from './options.ts'
import { SshHost } from './ssh-host.ts'

/** How much of what the process may hold is used: a connection that was closed is held until the host agrees. */
const SHARE = 0.75

/** The hosts of one cluster, each with one connection that is opened at its first use and shared. */
export class SshHosts {
  readonly #connector: Connector
  readonly #budget: ConnectionBudget
  readonly #hosts = new Map<string, SshHost>()

  constructor(options: SshOptions) {
    this.#connector = new Connector(options)
    const bastion = options.bastion !== undefined
    this.#budget = new ConnectionBudget(
      () => possibleConnections(Number.POSITIVE_INFINITY, { bastion }) * SHARE,
    )
  }

  /** The host at this address; the same object, and so the same connection, for the same address. */
  host(address: HostAddress): SshHost {
    const key = JSON.stringify([address.name, address.address, address.port, address.user, address.fresh])
    const known = this.#hosts.get(key)
    if (known) return known
    const host = new SshHost(address, this.#connector, this.#budget)
    this.#hosts.set(key, host)
    return host
  }

  /** Closes every connection. The process does not end by itself while one is open. */
  close(): void {
    for (const host of this.#hosts.values()) host.close()
    this.#hosts.clear()
    this.#connector.close()
  }
}
