import type { Clock } from '../clock.ts'
import type { Driver, Machine } from '../drivers/driver.ts'
import type { Host } from '../hosts/host.ts'
import type { Progress } from '../progress.ts'
import type { MachineList } from './machine-list.ts'

/** A name that is remembered between two runs of Belt. */
export interface Remembered<T> {
  get(): Promise<T | undefined>
  set(value: T): Promise<void>
  clear(): Promise<void>
}

/** How the config wants a new swarm; absent values are the engine's defaults. */
export interface SwarmSettings {
  /** Which address of a machine the swarm uses (default: the private one if there is one). */
  readonly advertise?: 'private' | 'public' | undefined
  readonly availability?: 'active' | 'drain' | undefined
  readonly defaultAddressPools?: readonly string[] | undefined
  readonly defaultAddressPoolMaskLength?: number | undefined
  readonly dataPathPort?: number | undefined
  readonly certificateExpiry?: string | undefined
  readonly taskHistoryLimit?: number | undefined
}

/** One entry of the config's `nodes`: machines that the fleet is declared to have. */
export interface DeclaredNodes {
  readonly pattern: string
  readonly size?: string | undefined
  readonly region?: string | undefined
  readonly groups: readonly string[]
}

/** A create that was ordered from this working copy. */
export interface RecordedCreate {
  /** The id that the driver was given. */
  readonly id: string
  /** ISO 8601. */
  readonly at: string
  readonly names: readonly string[]
  /** The names for which it is unknown whether a machine was created. Empty when the create is finished. */
  readonly open: readonly string[]
}

/** Records creates before they are sent to the driver, so that every machine can be accounted for. */
export interface CreateJournal {
  /** @returns the id of a new create; it is on disk when this resolves */
  begin(names: readonly string[]): Promise<string>
  /** Records that the outcome is known for these machines: they exist, they never will, or they were removed. */
  recordOutcome(names: readonly string[]): Promise<void>
  /** All creates, oldest first. */
  read(): Promise<readonly RecordedCreate[]>
}

/** How a run takes the cluster's lock. */
export interface LockSettings {
  /** Who we are, for those who find it locked: `alice@laptop (ci#4211)`. */
  readonly holder: string
  /** How long to wait for a lock that another holds, in milliseconds. */
  readonly waitMs: number
  /** The file that the lock is kept in as long as there is no swarm. */
  readonly file: string
  /** The lock that this process or the one that started it holds; what this one starts inherits it. */
  readonly token: { get(): string | undefined; set(token: string | undefined): void }
}

/** One cluster as operations see it: its machines, a way to reach them, and what is remembered of it. */
export interface Fleet {
  readonly cluster: string
  readonly driver: Driver
  /** The machines that the driver lists, read once per phase. */
  readonly machines: MachineList
  readonly progress: Progress
  /** What its waits and deadlines go by. */
  readonly clock: Clock
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal
  /** How many hosts are talked to at once. */
  readonly concurrency: number
  /** How many connections may be open at once, those to silent hosts included. */
  readonly connections: number
  /** The deadline of one remote step, in milliseconds. */
  readonly timeoutMs: number
  readonly swarm: SwarmSettings
  readonly declared: readonly DeclaredNodes[]
  /** Kernel settings of the hosts, by key. */
  readonly sysctl: Readonly<Record<string, string | number>>
  /** The size of machines for which none is named. */
  readonly defaultSize: string | undefined
  /** Where machines may be made, where the config names several places; they are spread over them. */
  readonly regions: readonly string[]
  readonly creates: CreateJournal
  readonly lock: LockSettings
  readonly activeHost: Remembered<string>
  /** The hosts that gave no answer, or a failing one, in the last run. */
  readonly lastFailures: Remembered<readonly string[]>
  /**
   * The host on a machine, connected at the first command.
   * @throws HostError when the machine has no address yet
   */
  host(machine: Machine): Host
  /** Forgets the host keys known under these names, because their machines are gone or about to be made anew. */
  forgetHostKeys(names: readonly string[]): Promise<void>
}
