import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, ClientCallback, ClientChannel } from 'ssh2'
import { reasonOf } from '../../errors.ts'
import { posixLine } from '../../remote/posix-line.ts'
import { closed, HostError } from '../errors.ts'
import type { HostAddress } from '../host.ts'
import { Limit, orAborted } from './limit.ts'
import { awaitingScript, discard, newWord, ReadySession } from './ready-session.ts'

const HANG_UP_MS = 1_000
/** A host that takes longer to open a session is too busy to have one ready. */
const PREPARE_MS = 5_000

/** sshd counts a closed session until it notices that its program has ended. */
const LINGERING = { tries: 5, everyMs: 100 }

type Request = (client: Client, callback: ClientCallback) => void

/** Handles a channel that nobody waits for any longer. Never rejects. */
type Abandon = (opened: Promise<ClientChannel>) => Promise<void>

/** An open connection that carries any number of sessions. */
export class Connection {
  readonly target: HostAddress
  readonly #client: Client
  readonly #socket: Duplex
  readonly #keepaliveMs: number
  /** Created when its signal is first used, because most connections never need it. */
  #ended: AbortController | undefined
  #reason: HostError | undefined
  #onEnd: (() => void)[] = []
  /** Sessions that are open or requested. */
  #sessions = 0
  #error: Error | undefined
  #onSessionEnd: (() => void)[] = []
  #ready: ReadySession | undefined
  #isPreparing = false

  /** @param socket the socket of the client */
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

  /** Aborted with a HostError `lost` or `closed` when the connection ends. */
  get ended(): AbortSignal {
    this.#ended ??= new AbortController()
    if (this.#reason) this.#ended.abort(this.#reason)
    return this.#ended.signal
  }

  get hasEnded(): boolean {
    return this.#reason !== undefined
  }

  /** @throws HostError `lost` or `closed` if the connection has ended */
  throwIfEnded(): void {
    if (this.#reason) throw this.#reason
  }

  /** Calls back when the connection ends, or at once if it has ended. */
  onEnd(listener: () => void): void {
    if (this.#reason) listener()
    else this.#onEnd.push(listener)
  }

  /**
   * Opens a session. If the host allows no more at once (MaxSessions), retries as others end.
   * @param request starts the session's program: an `exec` or a `shell`
   * @param abandon handles a session that the host opens after the signal is aborted (default: close it)
   * @throws HostError `failed` if the host refuses, or `lost`; the signal's reason if aborted
   */
  async open(request: Request, signal: AbortSignal, abandon = closeOnceOpen): Promise<ClientChannel> {
    let refusals = 0
    for (;;) {
      signal.throwIfAborted()
      this.throwIfEnded()
      // Sessions that ended before the refusal arrived may have caused it.
      const isAlone = this.#sessions === 0
      try {
        return await this.#granted(this.#session(request), signal, abandon)
      } catch (error) {
        this.throwIfEnded()
        if (!isRefusedSession(error)) throw signal.aborted ? error : this.#refused(error)
        // The ready session may be the one too many.
        this.takeReady()?.discard()
        if (isAlone && ++refusals > LINGERING.tries) throw this.#refused(error)
        await orAborted(this.#sessions > 0 ? this.#sessionEnd() : sleep(LINGERING.everyMs), signal)
      }
    }
  }

  /** Whether a session is ready for a command. */
  get isReady(): boolean {
    return this.#ready !== undefined
  }

  /** Opens a session for the next command, unless one is ready. Gives up if the host refuses or is slow. */
  async prepare(): Promise<void> {
    if (this.#ready || this.#reason || this.#isPreparing) return
    this.#isPreparing = true
    const word = newWord()
    const request = (client: Client, reply: ClientCallback) =>
      client.exec(posixLine(awaitingScript(word)), (...answer) => {
        this.#isPreparing = false
        reply(...answer)
      })
    const limit = new Limit()
    limit.after(PREPARE_MS, () => new Error('it opened no session'))
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

  /** Takes the ready session, which then belongs to the caller. */
  takeReady(): ReadySession | undefined {
    const session = this.#ready
    this.#ready = undefined
    return session
  }

  /** Opens a TCP connection from the host. */
  forward(address: string, port: number, signal: AbortSignal): Promise<ClientChannel> {
    return this.#granted(
      this.#request((client, callback) => client.forwardOut('127.0.0.1', 0, address, port, callback)),
      signal,
    )
  }

  /** Opens a connection to a Unix socket on the host. @throws if the host refuses or fails */
  forwardToSocket(path: string, signal: AbortSignal): Promise<ClientChannel> {
    return this.#granted(
      this.#request((client, callback) => client.openssh_forwardOutStreamLocal(path, callback)),
      signal,
    )
  }

  /**
   * Whether the host answers within the time. Asks it to end a forwarding that does not exist, because no other request
   * that ssh2 offers is answered and has no effect.
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
      return false // ssh2 also throws if the host has closed the connection
    } finally {
      limit.release()
    }
  }

  close(reason = closed(this.target.name)): void {
    this.#endFor(() => reason)
    // Sends no disconnect message and does not wait for the host's end, because a fleet larger than the limit of open
    // files needs the file at once.
    if (this.#socket instanceof Socket) {
      if (this.#socket.writableLength === 0) this.#socket.destroy()
      else this.#socket.destroySoon()
    } else {
      this.#client.end()
      setTimeout(() => this.#client.destroy(), HANG_UP_MS).unref()
    }
  }

  /** Waits for a requested channel, and abandons it if the signal is aborted. */
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

  /** Requests a session. sshd limits the number of sessions, but not of other channels. */
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
        this.#endFor(() => this.#lost()) // ssh2 throws before it reports that the host closed the connection
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
    // ssh2 gives up one interval after the last of three keepalives.
    const silent =
      level === 'client-timeout' && `it answered no keepalive for ${(4 * this.#keepaliveMs) / 1000} s`
    const reason = silent || (this.#error ? reasonOf(this.#error) : 'the host closed it')
    return new HostError('lost', name, `lost the connection to ${name}: ${reason}`, {
      hint: 'The command may or may not have finished: check the host before you run it again',
      cause: this.#error,
    })
  }

  #refused(error: unknown): HostError {
    const { name } = this.target
    return new HostError(
      'failed',
      name,
      `${name} did not start the command for ${this.target.user}: ${reasonOf(error)}`,
      {
        hint: "Check the user's shell and MaxSessions in the host's sshd_config",
        cause: error,
      },
    )
  }
}

const closeOnceOpen: Abandon = async opened => {
  opened.then(discard, () => {})
}

/** Only errors for SSH_MSG_CHANNEL_OPEN_FAILURE have a reason. */
function isRefusedSession(error: unknown): boolean {
  return typeof (error as { reason?: unknown }).reason === 'number'
}
