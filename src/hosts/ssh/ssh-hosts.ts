import type { Host, HostAddress } from '../host.ts'
import { Connector } from './connector.ts'
import type { SshOptions } from './options.ts'
import { SshHost } from './ssh-host.ts'

/** The hosts of one cluster, each with one connection that is opened at its first use and shared. */
export class SshHosts {
  readonly #connector: Connector
  readonly #hosts = new Map<string, SshHost>()

  constructor(options: SshOptions) {
    this.#connector = new Connector(options)
  }

  /** The host at this address; the same object, and so the same connection, for the same address. */
  host(address: HostAddress): Host {
    const key = JSON.stringify([address.name, address.address, address.port, address.user, address.fresh])
    const known = this.#hosts.get(key)
    if (known) return known
    const host = new SshHost(address, this.#connector)
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
