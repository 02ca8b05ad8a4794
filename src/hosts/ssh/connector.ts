import type { HostError } from '../errors.ts'
import type { HostAddress } from '../host.ts'
import { IdentityCache } from './auth/identity-cache.ts'
import { Bastion, bastionKeyName } from './bastion.ts'
import { type Hop, type Route, SshConfig } from './config/ssh-config.ts'
import type { Connection } from './connection.ts'
import { dial } from './dial.ts'
import { HostKeyCheck } from './host-key-check.ts'
import { orAborted } from './limit.ts'
import type { KeyOptions, SshOptions } from './options.ts'
import { retryTransientFailures, retryUntilBooted, type Tries } from './retry-connect.ts'
import { StartGate } from './start-gate.ts'

/**
 * How many connections to start at once while the event loop is busy. The first handshakes run before V8 has optimized
 * them: 64 at once have blocked the event loop for more than 100 ms.
 */
const STARTS = 32

/** Makes connections to hosts, directly or through jump hosts. */
export class Connector {
  readonly #options: SshOptions
  readonly #config: SshConfig
  readonly #gate = new StartGate(STARTS, { grows: true })
  readonly #bastions = new Map<string, Bastion>()
  readonly #identities = new Map<string, IdentityCache>()

  constructor(options: SshOptions) {
    this.#options = options
    this.#config = new SshConfig(options)
  }

  /**
   * Connects. Retries a fresh host until it answers or its deadline passes. Retries other hosts a few times after a
   * transient failure.
   * @param onFailure called for each failure that will be retried
   * @throws HostError; a precheck error if the configured key or ssh_config is unusable; the signal's reason if aborted
   */
  async connect(
    address: HostAddress,
    signal: AbortSignal,
    onFailure: (failure: HostError) => void,
  ): Promise<Connection> {
    const { connectTimeoutMs, freshTimeoutMs } = this.#options
    const route = await orAborted(this.#config.route(address), signal)
    const attempt = (remainingMs: number) =>
      this.#attempt(route, address.name, Math.min(connectTimeoutMs, remainingMs), signal)
    const { target } = route
    if (target.fresh) return retryUntilBooted(attempt, this.#tries(target, freshTimeoutMs, signal, onFailure))
    return retryTransientFailures(attempt, this.#tries(target, connectTimeoutMs, signal, onFailure))
  }

  close(): void {
    for (const bastion of this.#bastions.values()) bastion.close()
  }

  #tries(
    target: HostAddress,
    deadlineMs: number,
    signal: AbortSignal,
    onFailure?: (failure: HostError) => void,
  ): Tries {
    return {
      deadlineMs,
      signal,
      onRetry: (failure, elapsedMs) => {
        onFailure?.(failure)
        this.#options.onRetry?.(target.name, failure.message, elapsedMs)
      },
    }
  }

  /** @param keyName the name under which the host's key is stored */
  #attempt(route: Route, keyName: string, timeoutMs: number, signal: AbortSignal): Promise<Connection> {
    const bastion = this.#bastionFor(route.jumps)
    if (!bastion) return this.#gate.through(() => this.#dial(route, keyName, timeoutMs, signal))
    return bastion.through(route.target, timeoutMs, signal, stream =>
      this.#dial(route, keyName, timeoutMs, signal, stream),
    )
  }

  /** The last of the jump hosts, which is reached through the others. Hosts with the same way share it. */
  #bastionFor(jumps: readonly Hop[]): Bastion | undefined {
    const last = jumps.at(-1)
    if (!last) return undefined
    const id = JSON.stringify(jumps)
    const known = this.#bastions.get(id)
    if (known) return known
    const { target } = last
    const route = { ...last, jumps: jumps.slice(0, -1) }
    const bastion = new Bastion(target, signal =>
      retryTransientFailures(
        timeoutMs => this.#attempt(route, bastionKeyName(target), timeoutMs, signal),
        this.#tries(target, this.#options.connectTimeoutMs, signal),
      ),
    )
    this.#bastions.set(id, bastion)
    return bastion
  }

  #dial(
    { target, keys }: Hop,
    keyName: string,
    timeoutMs: number,
    signal: AbortSignal,
    through?: Parameters<typeof dial>[1]['through'],
  ): Promise<Connection> {
    return this.#identitiesFor(keys).use(async identities => {
      const check = await HostKeyCheck.of(keyName, this.#options)
      signal.throwIfAborted()
      const { keepaliveMs } = this.#options
      return dial(target, {
        identities,
        check,
        timeoutMs,
        keepaliveMs,
        signal,
        through,
      })
    })
  }

  #identitiesFor(keys: KeyOptions): IdentityCache {
    const { privateKey, identityFiles, identitiesOnly, agentSocket } = keys
    const id = JSON.stringify([privateKey, identityFiles, identitiesOnly, agentSocket])
    const known = this.#identities.get(id)
    if (known) return known
    const cache = new IdentityCache(keys)
    this.#identities.set(id, cache)
    return cache
  }
}
