import type { Progress } from '../progress.ts'

/**
 * - `new` being made, not usable yet; `active` running; `off` stopped, starts again with everything it had;
 * - `failed` will never become active; `unknown` could not be read, which is never the same as absent.
 */
export type MachineStatus = 'new' | 'active' | 'off' | 'failed' | 'unknown'

/** Where SSH answers, as seen from where Belt runs. */
export interface SshEndpoint {
  readonly address: string
  readonly port: number
  readonly user: string
}

/** What a driver sells: a droplet, an instance, a local container, an existing server. */
export interface Machine {
  /** The vendor's id. */
  readonly id: string
  readonly name: string
  readonly status: MachineStatus
  /** IPv4, when it is known and there is one. */
  readonly publicAddress?: string
  /** IPv4 on the network that the machines of the cluster share. */
  readonly privateAddress?: string
  /**
   * The address at which the other machines of the cluster reach it, where only one serves: a cloud may translate
   * public addresses, and let machines reach each other at private ones only.
   */
  readonly peerAddress?: string
  /** Absent while the machine has no address. */
  readonly ssh?: SshEndpoint
  /** In MiB. */
  readonly memoryMiB?: number
  readonly region?: string
  readonly image?: string
  /** ISO 8601. */
  readonly createdAt?: string
  /** What the vendor's own list of sizes says, in US dollars; absent where that is unknown or nothing is paid. */
  readonly monthlyPriceUsd?: number
  /** The create that made it, as `DriverCallOptions.operation` told; absent where the driver keeps none. */
  readonly operation?: string
  /** Why the status is `failed` or `unknown`, in the vendor's words. */
  readonly reason?: string
}

/** A machine to be made. */
export interface MachineSpec {
  readonly name: string
  /** As the user wrote it: a vendor's slug (`s-1vcpu-1gb`) or an amount of memory (`512mb`, `8192MB`, `16gb`). */
  readonly size: string
  /** Overrides the region of the config. */
  readonly region?: string
}

/** The code of an error after which it is not known whether a machine was made. */
export const OUTCOME_UNKNOWN = 'create-unknown'

/** What became of one machine: every name that was asked for gets exactly one. */
export type Outcome =
  /** `changed` is false when the machine was there already: it is left as it is, or started when it was half made. */
  | { readonly name: string; readonly ok: true; readonly machine: Machine; readonly changed: boolean }
  | { readonly name: string; readonly ok: false; readonly error: Error; readonly machine?: Machine }

export interface DriverCallOptions {
  signal?: AbortSignal | undefined
  /** Also told what the driver chose where the user left it a choice, such as the vendor's size for `512mb`. */
  progress?: Progress
  /** The id of a create, new for each, made of letters, digits and dashes: a cloud marks what it makes with it. */
  operation?: string
}

export interface ResizeOptions extends DriverCallOptions {
  /** Whether the disk grows too, which some vendors never undo; it is kept unless told. */
  disk?: boolean
}

/**
 * The port to whoever makes machines. One driver object serves one cluster: every machine it makes carries the
 * cluster's label, and it sees and touches only machines that carry it. Methods are plural, because the fleet is
 * the unit and clouds batch. There is no state outside the vendor: `list` is the truth.
 */
export interface Driver {
  readonly name: string
  /**
   * Checks that the vendor can be reached and the options make sense.
   * @throws a precheck error with a hint; changes nothing
   */
  validate(options?: DriverCallOptions): Promise<void>
  /**
   * Makes machines; resolves when each is accepted, started and has an address, though SSH may not answer yet.
   * A name of this cluster that exists is not made twice: a complete machine is left as it is, a half-made one is
   * completed. One machine's failure never stops the others.
   * @throws only when nothing was attempted (the vendor is unreachable, the options are wrong); on an aborted
   *   signal it resolves with what became of each name so far
   */
  create(specs: readonly MachineSpec[], options?: DriverCallOptions): Promise<Outcome[]>
  /**
   * All machines of the cluster, by name, half-made and stopped ones included.
   * @throws when the vendor cannot be read: never an empty list instead
   */
  list(options?: DriverCallOptions): Promise<Machine[]>
  /**
   * Removes machines with everything that belongs to them. A machine already gone is success. Where none is left, what
   * the cluster as a whole had (a network, a firewall) goes too; so it does when no machine is given, and then no
   * machine is touched, listed or not.
   */
  destroy(machines: readonly Machine[], options?: DriverCallOptions): Promise<Outcome[]>
  /** The pause between two listings, in milliseconds, that the vendor's limits bear however long one waits; 1 s unless told. */
  readonly listPauseMs?: number
  /** How long after an order a machine may be missing from a listing, in milliseconds; not at all unless told. */
  readonly listLagMs?: number
  /**
   * How `destroy` ends a machine's life, for the question that is asked before it: "destroy" for machines that
   * Belt made, "let go of" for those it only uses.
   */
  readonly destroyVerb: string

  /**
   * Like `create`; besides what the config says, each machine that is made runs a shell script as root at its first
   * start. Present only where the vendor hands such a script over. The machine keeps it, and the vendor may show it to
   * whatever runs there: no secret in it may be worth anything once the machine is up.
   */
  createWithScript?(
    specs: readonly MachineSpec[],
    script: string,
    options?: DriverCallOptions,
  ): Promise<Outcome[]>

  /** Stops machines gracefully. Present only when the vendor can. */
  shutdown?(machines: readonly Machine[], options?: DriverCallOptions): Promise<Outcome[]>
  /** Starts stopped machines, with the addresses they had. */
  start?(machines: readonly Machine[], options?: DriverCallOptions): Promise<Outcome[]>
  reboot?(machines: readonly Machine[], options?: DriverCallOptions): Promise<Outcome[]>
  /**
   * Gives stopped machines another size, written as in `MachineSpec`; they stay stopped, and fail when they run.
   * A machine that has the size is left as it is.
   */
  resize?(machines: readonly Machine[], size: string, options?: ResizeOptions): Promise<Outcome[]>
  /** The names of those that have this size, written as in `MachineSpec`; changes nothing. Present where `resize` is. */
  ofSize?(machines: readonly Machine[], size: string, options?: DriverCallOptions): Promise<string[]>
}

/** What a driver is given beside its own options. */
export interface ClusterContext {
  /** The cluster's name, as carried in the machines' label. */
  readonly cluster: string
  /** OpenSSH public keys that may log in to a new machine, in the order of preference. */
  publicKeys(): Promise<string[]>
}
