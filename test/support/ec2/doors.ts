import { connect, createServer, type Server } from 'node:net'

/** Public addresses of instances, which the instances themselves do not have. */
export interface Doors {
  /** A public address behind which the private one answers. */
  open(privateAddress: string): Promise<string>
  close(publicAddress: string): Promise<void>
}

/** Addresses that lead nowhere, from the range for documentation and tests. */
export class PaintedDoors implements Doors {
  #opened = 0

  async open(): Promise<string> {
    this.#opened += 1
    return `198.${18 + ((this.#opened >> 16) & 1)}.${(this.#opened >> 8) & 255}.${this.#opened & 255}`
  }

  async close(): Promise<void> {}
}

/**
 * Loopback addresses that translate connections to the private address, as a cloud's gateway does. A machine does not
 * have its public address, so a swarm that advertises it does not work.
 */
export class LoopbackDoors implements Doors {
  readonly #port: number
  readonly #servers = new Map<string, Server>()
  #opened = 0

  /** @param port at the public addresses; inside, SSH answers at its own */
  constructor(port: number) {
    this.#port = port
  }

  async open(privateAddress: string): Promise<string> {
    this.#opened += 1
    const address = `127.77.${process.pid & 255}.${this.#opened}`
    const server = createServer(client => {
      const inside = connect(22, privateAddress)
      client.pipe(inside).pipe(client)
      client.on('error', () => inside.destroy())
      inside.on('error', () => client.destroy())
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#port, address, resolve)
    })
    this.#servers.set(address, server.unref())
    return address
  }

  async close(publicAddress: string): Promise<void> {
    this.#servers.get(publicAddress)?.close()
    this.#servers.delete(publicAddress)
  }
}
