import type { Host, HostAddress } from '../../host.ts'
import type { KnownHosts } from '../../known-hosts/known-hosts.ts'
import { type HostKey, sameKey } from '../../known-hosts/known-keys.ts'
import type { Slot } from '../../slots.ts'

/** A connection that was silent for longer is checked before it is used. */
const TRUSTED_SILENCE_MS = 5_000
const ANSWER_MS = 3_000
/** How long no command must have run before sessions for the next ones are opened, and how many are opened at once. */
const QUIET_MS = 300
const PREPARED_AT_ONCE = 32

/** A host whose connection can be checked. */
export interface CheckableHost extends Host {
  readonly isConnected: boolean
  /** Closes a connection that does not answer within the time; the next command opens a new one. */
  check(withinMs: number): Promise<void>
  /** Opens a session for the next command on an open connection. Never rejects. */
  prepare(): Promise<void>
  /** Whether a session is ready for the next command. */
  readonly isReady: boolean
}

interface ConnectedHost {
  readonly address: HostAddress
  readonly host: CheckableHost
  running: number
  /** By the wall clock, which advances while the machine sleeps. */
  usedAt: number
  checking: Promise<void> | undefined
  idle: NodeJS.Timeout | undefined
  /** The keys that were known when it connected; empty until its first command has ended. */
  keys: readonly HostKey[]
}

export interface ConnectionsOptions {
  open(address: HostAddress): CheckableHost
  readonly knownHosts: KnownHosts
  /** How long an unused connection is kept open. */
  readonly idleMs: number
  /** Called when the last host was dropped. */
  onEmpty(): void
}

/** The agent's connections: one for each host name, closed when it was unused for a while. */
export class AgentConnections {
  readonly #options: ConnectionsOptions
  readonly #hosts = new Map<string, ConnectedHost>()
  #quiet: NodeJS.Timeout | undefined

  constructor(options: ConnectionsOptions) {
    this.#options = options
  }

  get connected(): string[] {
    return [...this.#hosts.values()].filter(({ host }) => host.isConnected).map(({ host }) => host.name)
  }

  /** How many hosts have a session ready for the next command. */
  get ready(): number {
    return [...this.#hosts.values()].filter(({ host }) => host.isReady).length
  }

  get running(): number {
    return [...this.#hosts.values()].reduce((sum, { running }) => sum + running, 0)
  }

  /**
   * Does `work` on a host, after a check of its connection where that was silent for a while.
   * @param slot released while the host does not answer
   */
  async use<T>(address: HostAddress, work: (host: Host) => Promise<T>, slot?: Slot): Promise<T> {
    const entry = await this.#hostAt(address)
    clearTimeout(entry.idle)
    entry.running += 1
    try {
      const checking = checked(entry)
      if (checking) await (slot?.connecting(checking) ?? checking)
      return await work(entry.host)
    } finally {
      if (entry.keys.length === 0)
        entry.keys = await this.#options.knownHosts.keysOf(address.name).catch(() => [])
      entry.running -= 1
      entry.usedAt = Date.now()
      if (entry.running === 0) this.#closeWhenIdle(entry)
      clearTimeout(this.#quiet)
      this.#quiet = setTimeout(() => this.#prepare(), QUIET_MS)
    }
  }

  close(): void {
    clearTimeout(this.#quiet)
    for (const { host, idle } of this.#hosts.values()) {
      clearTimeout(idle)
      host.close()
    }
    this.#hosts.clear()
  }

  /**
   * A host whose address changed gets a new connection, and commands on the old one continue. A host whose known key
   * changed or was forgotten loses its connection at once.
   */
  async #hostAt(address: HostAddress): Promise<ConnectedHost> {
    const keys = await this.#options.knownHosts.keysOf(address.name)
    const known = this.#hosts.get(address.name)
    if (known && sameAddress(known.address, address) && stillKnown(known.keys, keys)) return known
    if (known && !stillKnown(known.keys, keys)) known.host.close()
    if (known) this.#drop(known)
    const entry = newHost(address, this.#options.open(address), keys)
    this.#hosts.set(address.name, entry)
    return entry
  }

  #closeWhenIdle(entry: ConnectedHost): void {
    const drop = () => {
      this.#drop(entry)
      if (this.#hosts.size === 0) this.#options.onEmpty()
    }
    if (this.#hosts.get(entry.address.name) === entry) entry.idle = setTimeout(drop, this.#options.idleMs)
    else entry.host.close()
  }

  /** Opens sessions for the next commands, until one of those comes. */
  #prepare(): void {
    const waiting = this.#hosts.values()
    const prepareNext = async (): Promise<void> => {
      for (const { host } of waiting) {
        if (this.running > 0) return
        await host.prepare()
      }
    }
    for (let at = 0; at < PREPARED_AT_ONCE; at++) void prepareNext()
  }

  #drop(entry: ConnectedHost): void {
    clearTimeout(entry.idle)
    this.#hosts.delete(entry.address.name)
    if (entry.running === 0) entry.host.close()
  }
}

function newHost(address: HostAddress, host: CheckableHost, keys: readonly HostKey[]): ConnectedHost {
  return { address, host, keys, running: 0, usedAt: Date.now(), checking: undefined, idle: undefined }
}

/** Commands that come during a check wait for it as well: it may close the connection. */
function checked(entry: ConnectedHost): Promise<void> | undefined {
  if (entry.running === 1 && since(entry.usedAt) > TRUSTED_SILENCE_MS) {
    entry.checking = entry.host.check(ANSWER_MS).finally(() => {
      entry.checking = undefined
    })
  }
  return entry.checking
}

/** Milliseconds. A clock that was set back makes a connection older, never younger. */
function since(at: number): number {
  return Math.abs(Date.now() - at)
}

/** `fresh` does not matter: it only says how long to retry. */
function sameAddress(one: HostAddress, other: HostAddress): boolean {
  return one.address === other.address && one.port === other.port && one.user === other.user
}

function stillKnown(before: readonly HostKey[], now: readonly HostKey[]): boolean {
  return before.every(key => now.some(other => sameKey(key, other)))
}
