import type { HostAddress } from '../host.ts'
import { ConnectionBudget } from './connection-budget.ts'
import { possibleConnections } from './connection-limit.ts'
import { Connector } from './connector.ts'
import { OpensshConnector } from './openssh/connector.ts'
import type { SshOptions } from './options.ts'
import { SshHost } from './ssh-host.ts'

/** The share of the limit to use. A closed connection counts against the limit until the host closes it too. */
const SHARE = 0.75

/** The hosts of one cluster. Each has one shared connection, opened at its first use. */
export class SshHosts {
  readonly #connector: Pick<Connector, 'connect' | 'close'>
  readonly #budget: ConnectionBudget
  readonly #hosts = new Map<string, SshHost>()

  constructor(options: SshOptions) {
    this.#connector = options.client === 'openssh' ? new OpensshConnector(options) : new Connector(options)
    const bastion = options.bastion !== undefined
    this.#budget = new ConnectionBudget(
      () => possibleConnections(Number.POSITIVE_INFINITY, { bastion }) * SHARE,
    )
  }

  /** The host at this address. The same address always gives the same object, and so the same connection. */
  host(address: HostAddress): SshHost {
    const key = JSON.stringify([address.name, address.address, address.port, address.user, address.fresh])
    const known = this.#hosts.get(key)
    if (known) return known
    const host = new SshHost(address, this.#connector, this.#budget)
    this.#hosts.set(key, host)
    return host
  }

  /** Closes every connection. An open connection keeps the process running. */
  close(): void {
    for (const host of this.#hosts.values()) host.close()
    this.#hosts.clear()
    this.#connector.close()
  }
}
