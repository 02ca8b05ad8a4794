import type { Client, ClientCallback, ClientChannel } from 'ssh2'
import { reasonOf } from '../../errors.ts'
import { closed, HostError } from '../errors.ts'
import type { HostAddress } from '../host.ts'
import { orAborted } from './limit.ts'

const HANG_UP_MS = 1_000

/** An open connection that carries any number of sessions. */
export class Connection {
  readonly target: HostAddress
  readonly #client: Client
  readonly #ended = new AbortController()
  /** Channels that are open or asked for. */
  #channels = 0
  #error: Error | undefined
  #onChannelEnd: (() => void)[] = []

  constructor(target: HostAddress, client: Client, keepaliveMs: number) {
    this.target = target
    this.#client = client
    client.on('error', error => {
      this.#error ??= error
    })
    client.on('close', () => this.#end(this.#lost(keepaliveMs)))
  }

  /** Aborted, with a HostError `lost` or `closed`, when the connection ends. */
  get ended(): AbortSignal {
    return this.#ended.signal
  }

  /**
   * Opens a session. A host that allows no more of them at once (MaxSessions) is asked again as others end.
   * @param request starts the session's program: an `exec` or a `shell`
   * @throws HostError `failed` when the host refuses; `lost`; the signal's reason when aborted
   */
  async open(
    request: (client: Client, callback: ClientCallback) => void,
    signal: AbortSignal,
  ): Promise<ClientChannel> {
    for (;;) {
      signal.throwIfAborted()
      this.ended.throwIfAborted()
      try {
        return await this.#request(request, signal)
      } catch (error) {
        this.ended.throwIfAborted()
        if (!isRefusedSession(error)) throw signal.aborted ? error : this.#refused(error)
        if (this.#channels === 0) throw this.#refused(error)
        await orAborted(this.#channelEnd(), signal)
      }
    }
  }

  /** Opens a TCP connection from the far side. */
  forward(address: string, port: number, signal: AbortSignal): Promise<ClientChannel> {
    return this.#request(
      (client, callback) => client.forwardOut('127.0.0.1', 0, address, port, callback),
      signal,
    )
  }

  close(): void {
    this.#end(closed(this.target.name))
    this.#client.end()
    setTimeout(() => this.#client.destroy(), HANG_UP_MS).unref()
  }

  #request(
    request: (client: Client, callback: ClientCallback) => void,
    signal: AbortSignal,
  ): Promise<ClientChannel> {
    this.#channels++
    const opened = new Promise<ClientChannel>((resolve, reject) => {
      request(this.#client, (error, channel) => {
        if (error) {
          this.#leave()
          return reject(error)
        }
        channel.on('error', () => {}).on('close', () => this.#leave())
        if (signal.aborted) channel.close()
        resolve(channel)
      })
    })
    return orAborted(opened, signal)
  }

  #leave(): void {
    this.#channels--
    this.#wake()
  }

  #channelEnd(): Promise<void> {
    return new Promise(resolve => this.#onChannelEnd.push(resolve))
  }

  #wake(): void {
    for (const resolve of this.#onChannelEnd.splice(0)) resolve()
  }

  #end(reason: HostError): void {
    if (!this.ended.aborted) this.#ended.abort(reason)
    this.#wake()
  }

  #lost(keepaliveMs: number): HostError {
    const { name } = this.target
    const level = (this.#error as { level?: string } | undefined)?.level
    const silent = level === 'client-timeout' && `it answered no keepalive for ${(3 * keepaliveMs) / 1000} s`
    const reason = silent || (this.#error ? reasonOf(this.#error) : 'the host hung up')
    return new HostError('lost', name, `lost the connection to ${name}: ${reason}`, {
      hint: 'Whether the command ran to its end is unknown: look at the host before running it again',
      cause: this.#error,
    })
  }

  #refused(error: unknown): HostError {
    const { name } = this.target
    return new HostError(
      'failed',
      name,
      `${name} starts no command for ${this.target.user}: ${reasonOf(error)}`,
      {
        hint: "Check the user's shell and MaxSessions in the host's sshd_config",
        cause: error,
      },
    )
  }
}

/** ssh2 puts the reason of SSH_MSG_CHANNEL_OPEN_FAILURE on the error; other errors have none. */
function isRefusedSession(error: unknown): boolean {
  return typeof (error as { reason?: unknown }).reason === 'number'
}
