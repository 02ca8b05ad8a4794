import type { Duplex } from 'node:stream'
import { reasonOf } from '../../errors.ts'
import { closed, HostError } from '../errors.ts'
import type { HostAddress } from '../host.ts'
import { at } from './connect-failure.ts'
import type { Connection } from './connection.ts'
import { ConnectionSlot } from './connection-slot.ts'
import { Limit } from './limit.ts'
import { StartGate } from './start-gate.ts'

/** How many connections to start through the bastion at once: all their bytes share one TCP connection. */
const STARTS = 64

/** RFC 4254, section 5.1. */
const ADMINISTRATIVELY_PROHIBITED = 1

/** The name under which a bastion's key is stored. No machine can have it, and ssh itself looks there. */
export function bastionKeyName({ address, port }: Pick<HostAddress, 'address' | 'port'>): string {
  return `[${address}]:${port}`
}

/** The host that all connections go through. Belt keeps one connection to it. */
export class Bastion {
  readonly #slot: ConnectionSlot
  readonly #address: HostAddress
  readonly #gate = new StartGate(STARTS)

  /** @param connect makes the connection to the bastion itself */
  constructor(address: HostAddress, connect: (signal: AbortSignal) => Promise<Connection>) {
    this.#address = address
    this.#slot = new ConnectionSlot(connect)
  }

  /**
   * Opens a TCP connection to `target` and passes it to `use`, once few enough others are starting.
   * @throws HostError; if the bastion failed and not the target, its cause is a HostError too
   */
  through<T>(
    target: HostAddress,
    timeoutMs: number,
    signal: AbortSignal,
    use: (stream: Duplex) => Promise<T>,
  ): Promise<T> {
    return this.#gate.through(async () => use(await this.#forward(target, timeoutMs, signal)))
  }

  close(): void {
    this.#slot.close(closed('the bastion'))
  }

  async #forward(target: HostAddress, timeoutMs: number, signal: AbortSignal): Promise<Duplex> {
    const connection = await this.#connection(target)
    const limit = new Limit()
    limit.follow(signal)
    limit.follow(connection.ended)
    limit.after(timeoutMs, () => this.#failure(target, `no answer within ${timeoutMs / 1000} s`))
    try {
      return await connection.forward(target.address, target.port, limit.signal)
    } catch (error) {
      if (error instanceof HostError || signal.aborted) throw error
      throw this.#refusal(target, error)
    } finally {
      limit.release()
    }
  }

  async #connection(target: HostAddress): Promise<Connection> {
    try {
      return await this.#slot.get()
    } catch (error) {
      if (!(error instanceof HostError)) throw error
      throw new HostError(error.failure, target.name, `cannot reach ${target.name}: ${error.message}`, {
        hint: error.hint ?? 'Check ssh.bastion in the config',
        cause: error,
      })
    }
  }

  #refusal(target: HostAddress, error: unknown): HostError {
    if ((error as { reason?: unknown }).reason !== ADMINISTRATIVELY_PROHIBITED)
      return this.#failure(target, reasonOf(error))
    return new HostError(
      'failed',
      target.name,
      `cannot reach ${target.name}: the bastion ${this.#address.address} does not allow forwarding to ${at(target)}`,
      { hint: "Set AllowTcpForwarding to yes in the bastion's sshd_config", cause: error },
    )
  }

  #failure(target: HostAddress, reason: string): HostError {
    const message = `cannot reach ${target.name}: the bastion cannot connect to ${at(target)} (${reason})`
    return new HostError('unreachable', target.name, message, {
      hint: `Check that the machine is running, then try from the bastion: nc -vz ${target.address} ${target.port}`,
    })
  }
}
