import type { Host, HostAddress } from '../../host.ts'
import type { KnownHosts } from '../../known-hosts/known-hosts.ts'
import { type HostKey, sameKey } from '../../known-hosts/known-keys.ts'
import type { Slot } from '../../slots.ts'

/** How long a connection may have been silent and still be used without asking whether it answers. */
const TRUSTED_SILENCE_MS = 5_000
const ANSWER_MS = 3_000
/** How long nothing must have run before sessions are begun for the next commands, and how many are at once. */
const QUIET_MS = 300
const PREPARED_AT_ONCE = 32

/** A host of which it can be found out whether its connection is alive. */
export interface CheckableHost extends Host {
  readonly isConnected: boolean
  /** Closes an open connection that answers nothing within the time, so that the next command opens a new one. */
  check(withinMs: number): Promise<void>
  /** Begins a session for the next command, where its connection is open. Never rejects. */
  prepare(): Promise<void>
  /** Whether a session waits for its command. */
  readonly isReady: boolean
}

interface Kept {
  readonly address: HostAddress
  readonly host: CheckableHost
  running: number
  /** By the wall clock, which goes on while the machine sleeps. */
  usedAt: number
  checking: Promise<void> | undefined
  idle: NodeJS.Timeout | undefined
  /** The keys that were known for it when it was connected; none before its first command has ended. */
  keys: readonly HostKey[]
}

export interface PoolOptions {
  open(address: HostAddress): CheckableHost
  readonly knownHosts: KnownHosts
  /** How long a connection is kept that no command uses. */
  readonly idleMs: number
  /** Called when nothing is kept any more. */
  onEmpty(): void
}

/** The hosts that an agent keeps connections to: one for each name, let go of when nobody used it for a while. */
export class Pool {
  readonly #options: PoolOptions
  readonly #kept = new Map<string, Kept>()
  #quiet: NodeJS.Timeout | undefined

  constructor(options: PoolOptions) {
    this.#options = options
  }

  get connected(): string[] {
    return [...this.#kept.values()].filter(({ host }) => host.isConnected).map(({ host }) => host.name)
  }

  /** How many hosts have a session that waits for its command. */
  get ready(): number {
    return [...this.#kept.values()].filter(({ host }) => host.isReady).length
  }

  get running(): number {
    return [...this.#kept.values()].reduce((sum, { running }) => sum + running, 0)
  }

  /**
   * Does `work` on a host; its connection is seen to be alive first, where it has been silent for a while.
   * @param slot others may take it while the host does not answer
   */
  async use<T>(address: HostAddress, work: (host: Host) => Promise<T>, slot?: Slot): Promise<T> {
    const kept = await this.#keptAt(address)
    clearTimeout(kept.idle)
    kept.running += 1
    try {
      const alive = seenAlive(kept)
      if (alive) await (slot?.connecting(alive) ?? alive)
      return await work(kept.host)
    } finally {
      if (kept.keys.length === 0)
        kept.keys = await this.#options.knownHosts.keysOf(address.name).catch(() => [])
      kept.running -= 1
      kept.usedAt = Date.now()
      if (kept.running === 0) this.#waitForUse(kept)
      clearTimeout(this.#quiet)
      this.#quiet = setTimeout(() => this.#prepare(), QUIET_MS)
    }
  }

  close(): void {
    clearTimeout(this.#quiet)
    for (const { host, idle } of this.#kept.values()) {
      clearTimeout(idle)
      host.close()
    }
    this.#kept.clear()
  }

  /**
   * A host that moved is connected to anew, and commands that run where it was go on. One whose known key was changed or
   * forgotten loses its connection at once.
   */
  async #keptAt(address: HostAddress): Promise<Kept> {
    const keys = await this.#options.knownHosts.keysOf(address.name)
    const known = this.#kept.get(address.name)
    if (known && sameAddress(known.address, address) && stillKnown(known.keys, keys)) return known
    if (known && !stillKnown(known.keys, keys)) known.host.close()
    if (known) this.#letGo(known)
    const kept = newlyKept(address, this.#options.open(address), keys)
    this.#kept.set(address.name, kept)
    return kept
  }

  #waitForUse(kept: Kept): void {
    const letGo = () => {
      this.#letGo(kept)
      if (this.#kept.size === 0) this.#options.onEmpty()
    }
    if (this.#kept.get(kept.address.name) === kept) kept.idle = setTimeout(letGo, this.#options.idleMs)
    else kept.host.close()
  }

  /** Begins sessions for the next commands, until one comes. */
  #prepare(): void {
    const waiting = this.#kept.values()
    const prepareNext = async (): Promise<void> => {
      for (const { host } of waiting) {
        if (this.running > 0) return
        await host.prepare()
      }
    }
    for (let at = 0; at < PREPARED_AT_ONCE; at++) void prepareNext()
  }

  #letGo(kept: Kept): void {
    clearTimeout(kept.idle)
    this.#kept.delete(kept.address.name)
    if (kept.running === 0) kept.host.close()
  }
}

function newlyKept(address: HostAddress, host: CheckableHost, keys: readonly HostKey[]): Kept {
  return { address, host, keys, running: 0, usedAt: Date.now(), checking: undefined, idle: undefined }
}

/** Commands that come while a silent connection is asked wait for the same answer: it may take the connection away. */
function seenAlive(kept: Kept): Promise<void> | undefined {
  if (kept.running === 1 && since(kept.usedAt) > TRUSTED_SILENCE_MS) {
    kept.checking = kept.host.check(ANSWER_MS).finally(() => {
      kept.checking = undefined
    })
  }
  return kept.checking
}

/** Milliseconds; a clock that was put back makes nothing young. */
function since(at: number): number {
  return Math.abs(Date.now() - at)
}

/** Whether a machine is fresh says only how long to try. */
function sameAddress(one: HostAddress, other: HostAddress): boolean {
  return one.address === other.address && one.port === other.port && one.user === other.user
}

function stillKnown(before: readonly HostKey[], now: readonly HostKey[]): boolean {
  return before.every(key => now.some(other => sameKey(key, other)))
}
