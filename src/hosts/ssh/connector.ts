import type { HostError } from '../errors.ts'
import type { HostAddress } from '../host.ts'
import { IdentityCache } from './auth/identity-cache.ts'
import { Bastion, bastionKeyName } from './bastion.ts'
import type { Connection } from './connection.ts'
import { dial } from './dial.ts'
import { HostKeyCheck } from './host-key-check.ts'
import type { SshOptions } from './options.ts'
import { retryTransientFailures, retryUntilBooted, type Tries } from './retry-connect.ts'
import { StartGate } from './start-gate.ts'

/**
 * How many connections to start at once while the event loop is busy. The first handshakes run before V8 has optimized
 * them: 64 at once have blocked the event loop for more than 100 ms.
 */
const STARTS = 32

/** Makes connections to hosts, directly or through the bastion. */
export class Connector {
  readonly #options: SshOptions
  readonly #bastion: Bastion | undefined
  readonly #gate = new StartGate(STARTS, { grows: true })
  readonly #identities: IdentityCache

  constructor(options: SshOptions) {
    this.#options = options
    this.#identities = new IdentityCache(options)
    const { bastion } = options
    if (bastion)
      this.#bastion = new Bastion(bastion, (target, signal) =>
        retryTransientFailures(
          timeoutMs => this.#dial(target, bastionKeyName(bastion), timeoutMs, signal),
          this.#tries(target, options.connectTimeoutMs, signal),
        ),
      )
  }

  /**
   * Connects. Retries a fresh host until it answers or its deadline passes. Retries other hosts a few times after a
   * transient failure.
   * @param onFailure called for each failure that will be retried
   * @throws HostError; a precheck error if the configured key is unusable; the signal's reason if aborted
   */
  connect(
    target: HostAddress,
    signal: AbortSignal,
    onFailure: (failure: HostError) => void,
  ): Promise<Connection> {
    const { connectTimeoutMs, freshTimeoutMs } = this.#options
    const attempt = (remainingMs: number) =>
      this.#attempt(target, Math.min(connectTimeoutMs, remainingMs), signal)
    if (target.fresh) return retryUntilBooted(attempt, this.#tries(target, freshTimeoutMs, signal, onFailure))
    return retryTransientFailures(attempt, this.#tries(target, connectTimeoutMs, signal, onFailure))
  }

  close(): void {
    this.#bastion?.close()
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

  #attempt(target: HostAddress, timeoutMs: number, signal: AbortSignal): Promise<Connection> {
    if (!this.#bastion) return this.#gate.through(() => this.#dial(target, target.name, timeoutMs, signal))
    return this.#bastion.through(target, timeoutMs, signal, stream =>
      this.#dial(target, target.name, timeoutMs, signal, stream),
    )
  }

  #dial(
    target: HostAddress,
    keyName: string,
    timeoutMs: number,
    signal: AbortSignal,
    through?: Parameters<typeof dial>[1]['through'],
  ): Promise<Connection> {
    return this.#identities.use(async identities => {
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
}
