import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, ClientCallback, ClientChannel } from 'ssh2'
import { reasonOf } from '../../errors.ts'
import { closed, HostError } from '../errors.ts'
import type { HostAddress } from '../host.ts'
import { Limit, orAborted } from './limit.ts'
import { awaitingLine, discard, newWord, ReadySession } from './ready-session.ts'

const HANG_UP_MS = 1_000
/** A host that takes longer to begin a session is too busy to have one ready. */
const PREPARE_MS = 5_000

/** sshd counts a session whose channel is closed until it has taken note of the end of its program. */
const LINGERING = { tries: 5, everyMs: 100 }

type Request = (client: Client, callback: ClientCallback) => void

/** What becomes of a channel that nobody waits for any more. Never rejects. */
type Abandon = (opened: Promise<ClientChannel>) => Promise<void>

/** An open connection that carries any number of sessions. */
export class Connection {
  readonly target: HostAddress
  readonly #client: Client
  readonly #socket: Duplex
  readonly #keepaliveMs: number
  /** Made when somebody asks for its signal: most connections end without. */
  #ended: AbortController | undefined
  #reason: HostError | undefined
  #onEnd: (() => void)[] = []
  /** Sessions that are open or asked for. */
  #sessions = 0
  #error: Error | undefined
  #onSessionEnd: (() => void)[] = []
  #ready: ReadySession | undefined
  #isPreparing = false

  /** @param socket what the client runs on */
  constructor(target: HostAddress, client: Client, socket: Duplex, keepaliveMs: number) {
    this.target = target
    this.#client = client
    this.#socket = socket
    this.#keepaliveMs = keepaliveMs
    client.on('error', error => {
      this.#error ??= error
    })
    client.on('close', () => {
      this.#endFor(() => this.#lost())
    })
  }

  /** Aborted, with a HostError `lost` or `closed`, when the connection ends. */
  get ended(): AbortSignal {
    this.#ended ??= new AbortController()
    if (this.#reason) this.#ended.abort(this.#reason)
    return this.#ended.signal
  }

  get hasEnded(): boolean {
    return this.#reason !== undefined
  }

  /** @throws HostError `lost` or `closed` when it has ended */
  throwIfEnded(): void {
    if (this.#reason) throw this.#reason
  }

  /** Calls back when the connection ends; at once when it has. */
  onEnd(listener: () => void): void {
    if (this.#reason) listener()
    else this.#onEnd.push(listener)
  }

  /**
   * Opens a session. A host that allows no more of them at once (MaxSessions) is asked again as others end.
   * @param request starts the session's program: an `exec` or a `shell`
   * @param abandon waited for when the signal is aborted after the host was asked: what it then begins is not wanted any
   *   more; it is closed unless told
   * @throws HostError `failed` when the host refuses; `lost`; the signal's reason when aborted
   */
  async open(request: Request, signal: AbortSignal, abandon = closeOnceOpen): Promise<ClientChannel> {
    let refusals = 0
    for (;;) {
      signal.throwIfAborted()
      this.throwIfEnded()
      // those that ended before the refusal came may have been in the way when the host judged
      const isAlone = this.#sessions === 0
      try {
        return await this.#granted(this.#session(request), signal, abandon)
      } catch (error) {
        this.throwIfEnded()
        if (!isRefusedSession(error)) throw signal.aborted ? error : this.#refused(error)
        // it may be the one that is too many
        this.takeReady()?.discard()
        if (isAlone && ++refusals > LINGERING.tries) throw this.#refused(error)
        await orAborted(this.#sessions > 0 ? this.#sessionEnd() : sleep(LINGERING.everyMs), signal)
      }
    }
  }

  /** Whether a session waits for its command. */
  get isReady(): boolean {
    return this.#ready !== undefined
  }

  /** Begins a session for the next command, if there is none. A host that refuses it, or is late, has none ready. */
  async prepare(): Promise<void> {
    if (this.#ready || this.#reason || this.#isPreparing) return
    this.#isPreparing = true
    const word = newWord()
    const request = (client: Client, reply: ClientCallback) =>
      client.exec(awaitingLine(word), (...answer) => {
        this.#isPreparing = false
        reply(...answer)
      })
    const limit = new Limit()
    limit.after(PREPARE_MS, () => new Error('it begins no session'))
    const channel = await this.#granted(this.#session(request), limit.signal).catch(() => undefined)
    limit.release()
    if (!channel) return
    const session = new ReadySession(channel, word)
    if (this.#ready || this.#reason) return session.discard()
    this.#ready = session
    channel.once('close', () => {
      if (this.#ready === session) this.#ready = undefined
    })
  }

  /** The session that waits for a command, which waits for no other then. */
  takeReady(): ReadySession | undefined {
    const session = this.#ready
    this.#ready = undefined
    return session
  }

  /** Opens a TCP connection from the far side. */
  forward(address: string, port: number, signal: AbortSignal): Promise<ClientChannel> {
    return this.#granted(
      this.#request((client, callback) => client.forwardOut('127.0.0.1', 0, address, port, callback)),
      signal,
    )
  }

  /** Opens a connection to a socket of the far side. @throws when it refuses, or cannot */
  forwardToSocket(path: string, signal: AbortSignal): Promise<ClientChannel> {
    return this.#granted(
      this.#request((client, callback) => client.openssh_forwardOutStreamLocal(path, callback)),
      signal,
    )
  }

  /**
   * Whether the host answers within the time. It is asked to end a forwarding that there is none of: the one request of
   * the protocol that is answered, has no effect, and that ssh2 offers.
   */
  async answers(withinMs: number): Promise<boolean> {
    const limit = new Limit()
    limit.follow(this.ended)
    limit.after(withinMs, () => new Error('it did not answer'))
    const answer = new Promise<void>(resolve => {
      this.#client.unforwardIn('127.0.0.1', 0, () => resolve())
    })
    try {
      await orAborted(answer, limit.signal)
      return true
    } catch {
      return false // also where ssh2 throws because the host has hung up
    } finally {
      limit.release()
    }
  }

  close(reason = closed(this.target.name)): void {
    this.#endFor(() => reason)
    // Without a farewell, which the end of the connection tells as well, and without a wait for the host's own end: a
    // fleet that is larger than the files a process may open needs them again.
    if (this.#socket instanceof Socket) {
      if (this.#socket.writableLength === 0) this.#socket.destroy()
      else this.#socket.destroySoon()
    } else {
      this.#client.end()
      setTimeout(() => this.#client.destroy(), HANG_UP_MS).unref()
    }
  }

  /** Waits for what was asked for, and abandons it when the signal is aborted. */
  async #granted(
    opened: Promise<ClientChannel>,
    signal: AbortSignal,
    abandon = closeOnceOpen,
  ): Promise<ClientChannel> {
    try {
      return await orAborted(opened, signal)
    } catch (error) {
      if (signal.aborted) await abandon(opened)
      throw error
    }
  }

  /** Asks for a session: sshd allows a number of them, and any of other channels. */
  #session(request: Request): Promise<ClientChannel> {
    this.#sessions++
    const opened = this.#request(request)
    opened.then(
      channel => channel.on('close', () => this.#leave()),
      () => this.#leave(),
    )
    return opened
  }

  #request(request: Request): Promise<ClientChannel> {
    return new Promise<ClientChannel>((resolve, reject) => {
      const reply: ClientCallback = (error, channel) => {
        if (error) return reject(error)
        channel.on('error', () => {})
        resolve(channel)
      }
      try {
        request(this.#client, reply)
      } catch {
        this.#endFor(() => this.#lost()) // ssh2 throws once the host has hung up, before it tells so
        reply(this.#reason, undefined as never)
      }
    })
  }

  #leave(): void {
    this.#sessions--
    this.#wake()
  }

  #sessionEnd(): Promise<void> {
    return new Promise(resolve => this.#onSessionEnd.push(resolve))
  }

  #wake(): void {
    for (const resolve of this.#onSessionEnd.splice(0)) resolve()
  }

  #endFor(reason: () => HostError): void {
    if (!this.#reason) {
      this.#reason = reason()
      this.#ended?.abort(this.#reason)
      for (const listener of this.#onEnd.splice(0)) listener()
    }
    this.#wake()
  }

  #lost(): HostError {
    const { name } = this.target
    const level = (this.#error as { level?: string } | undefined)?.level
    // ssh2 gives up an interval after the last of three keepalives
    const silent =
      level === 'client-timeout' && `it answered no keepalive for ${(4 * this.#keepaliveMs) / 1000} s`
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

/** Waits for nothing. */
const closeOnceOpen: Abandon = async opened => {
  opened.then(discard, () => {})
}

/** ssh2 puts the reason of SSH_MSG_CHANNEL_OPEN_FAILURE on the error; other errors have none. */
function isRefusedSession(error: unknown): boolean {
  return typeof (error as { reason?: unknown }).reason === 'number'
}
