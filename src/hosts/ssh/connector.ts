import { retry } from '../../retry.ts'
import { HostError, type HostFailure } from '../errors.ts'
import type { HostAddress } from '../host.ts'
import { Bastion, bastionKeyName } from './bastion.ts'
import type { Connection } from './connection.ts'
import { dial } from './dial.ts'
import { HostKeyCheck } from './host-key-check.ts'
import { type Identities, loadIdentities } from './identities.ts'
import type { SshOptions } from './options.ts'

const RETRY_EVERY_MS = 750

/** What a machine that boots may answer before it is ready. */
const EARLY_FAILURES: ReadonlySet<HostFailure> = new Set([
  'refused',
  'reset',
  'unreachable',
  'unresolved',
  'auth',
])

/** Makes connections to hosts, directly or through the bastion. */
export class Connector {
  readonly #options: SshOptions
  readonly #bastion: Bastion | undefined
  #identities: Promise<Identities> | undefined

  constructor(options: SshOptions) {
    this.#options = options
    const { bastion } = options
    if (bastion)
      this.#bastion = new Bastion(bastion, (target, signal) =>
        this.#dial(target, bastionKeyName(bastion), options.connectTimeoutMs, signal),
      )
  }

  /**
   * Connects; a fresh host is tried again until it answers or its deadline passes.
   * @param onFailure told of each failure that will be tried again
   * @throws HostError; a precheck error when the configured key cannot be used; the signal's reason when aborted
   */
  async connect(
    target: HostAddress,
    signal: AbortSignal,
    onFailure: (failure: HostError) => void,
  ): Promise<Connection> {
    const { connectTimeoutMs, freshTimeoutMs } = this.#options
    if (!target.fresh) return this.#attempt(target, connectTimeoutMs, signal)
    const start = performance.now()
    try {
      return await retry(
        remainingMs => this.#attempt(target, Math.min(connectTimeoutMs, remainingMs), signal),
        {
          deadlineMs: freshTimeoutMs,
          everyMs: RETRY_EVERY_MS,
          signal,
          retryable: isEarlyFailure,
          onRetry: (error, elapsedMs) => {
            onFailure(error as HostError)
            this.#options.onRetry?.(target.name, (error as HostError).message, elapsedMs)
          },
        },
      )
    } catch (error) {
      throw isEarlyFailure(error) ? gaveUp(error as HostError, performance.now() - start) : error
    }
  }

  close(): void {
    this.#bastion?.close()
  }

  #attempt(target: HostAddress, timeoutMs: number, signal: AbortSignal): Promise<Connection> {
    if (!this.#bastion) return this.#dial(target, target.name, timeoutMs, signal)
    return this.#bastion.through(target, timeoutMs, signal, stream =>
      this.#dial(target, target.name, timeoutMs, signal, stream),
    )
  }

  async #dial(
    target: HostAddress,
    keyName: string,
    timeoutMs: number,
    signal: AbortSignal,
    through?: Parameters<typeof dial>[1]['through'],
  ): Promise<Connection> {
    this.#identities ??= loadIdentities(this.#options)
    const identities = await this.#identities
    const check = await HostKeyCheck.of(keyName, this.#options)
    signal.throwIfAborted()
    const { keepaliveMs } = this.#options
    return dial(target, { identities, check, timeoutMs, keepaliveMs, signal, through })
  }
}

/** A bastion is no fresh machine: its own failure, which is then the cause, is told at once. */
function isEarlyFailure(error: unknown): boolean {
  return (
    error instanceof HostError && EARLY_FAILURES.has(error.failure) && !(error.cause instanceof HostError)
  )
}

function gaveUp(failure: HostError, elapsedMs: number): HostError {
  const message = `${failure.message} (tried again for ${Math.round(elapsedMs / 1000)} s)`
  return new HostError(failure.failure, failure.host as string, message, {
    ...(failure.hint && { hint: failure.hint }),
    cause: failure,
  })
}
