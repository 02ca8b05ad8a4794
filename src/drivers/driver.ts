import type { NameKind } from '../domain/ranges.ts'
import type { Progress } from '../progress.ts'

/**
 * - `new`: being created, not usable yet; `active`: running; `off`: stopped, keeps everything when started again;
 * - `failed`: will never become active; `unknown`: could not be read, which is not the same as absent.
 */
export type MachineStatus = 'new' | 'active' | 'off' | 'failed' | 'unknown'

/** Where SSH listens, as seen from the computer that runs Belt. */
export interface SshEndpoint {
  readonly address: string
  readonly port: number
  readonly user: string
  /** Set for an address that the user wrote: what the config does not say, so that ssh_config may. */
  readonly fromSshConfig?: readonly ('user' | 'port')[]
}

/** A machine that a driver provides: a droplet, an instance, a local container or an existing server. */
export interface Machine {
  /** The vendor's id. */
  readonly id: string
  readonly name: string
  readonly status: MachineStatus
  /** IPv4; absent if unknown or there is none. */
  readonly publicAddress?: string
  /** IPv4 on the cluster's private network. */
  readonly privateAddress?: string
  /**
   * The only address at which other machines of the cluster can reach it. Set if the cloud translates public addresses, so
   * that machines reach each other only at private ones.
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
  /** The vendor's list price in US dollars; absent if unknown or free. */
  readonly monthlyPriceUsd?: number
  /** The id of the create that made it (`DriverCallOptions.operation`); absent if the driver does not record it. */
  readonly operation?: string
  /** Why the status is `failed` or `unknown`, in the vendor's words. */
  readonly reason?: string
}

/** A machine to create. */
export interface MachineSpec {
  readonly name: string
  /** As typed by the user: a vendor's slug (`s-1vcpu-1gb`) or an amount of memory (`512mb`, `8192MB`, `16gb`). */
  readonly size: string
  /** Overrides the region of the config. */
  readonly region?: string
}

/** The error code for a machine that may or may not have been created. */
export const OUTCOME_UNKNOWN = 'create-unknown'

/** The outcome for one machine. Every requested name gets exactly one. */
export type Outcome =
  /** `changed` is false if the machine already was in the requested state. */
  | { readonly name: string; readonly ok: true; readonly machine: Machine; readonly changed: boolean }
  | { readonly name: string; readonly ok: false; readonly error: Error; readonly machine?: Machine }

export interface DriverCallOptions {
  signal?: AbortSignal | undefined
  /** Also notes the driver's own choices, such as the vendor's size for `512mb`. */
  progress?: Progress
  /** A unique id for a create, made of letters, digits and hyphens. Clouds tag new machines with it. */
  operation?: string
}

export interface ResizeOptions extends DriverCallOptions {
  /** Whether to grow the disk too, which some vendors cannot undo (default: false). */
  disk?: boolean
}

/**
 * The port to a provider of machines. One driver object serves one cluster: it labels every machine that it creates with
 * the cluster, and lists and changes only machines with that label. Methods take many machines, because clouds batch.
 * There is no state outside the vendor: `list` is the truth.
 */
export interface Driver {
  readonly name: string
  /** Which names its machines may have (default: those of machines to create). */
  readonly nameKind?: NameKind
  /**
   * Checks that the vendor can be reached and the options are valid. Changes nothing.
   * @throws a precheck error with a hint
   */
  validate(options?: DriverCallOptions): Promise<void>
  /**
   * Creates machines. Resolves when each is accepted, started and has an address; SSH may not answer yet. Existing
   * machines are not created twice: a complete one is left unchanged, a partly created one is completed. A failure of one
   * machine never stops the others.
   * @throws only if nothing was attempted (the vendor is unreachable, the options are invalid); if the signal is aborted,
   *   it resolves with the outcomes so far
   */
  create(specs: readonly MachineSpec[], options?: DriverCallOptions): Promise<Outcome[]>
  /**
   * Lists all machines of the cluster, sorted by name, including partly created and stopped ones.
   * @throws if the vendor cannot be read; it never returns an empty list instead
   */
  list(options?: DriverCallOptions): Promise<Machine[]>
  /**
   * Removes machines and everything that belongs to them. Succeeds for a machine that no longer exists. When no machine is
   * left, also removes what the cluster shared (a network, a firewall). With no machines given, it removes only that, if
   * no machine is left, and touches no machine.
   */
  destroy(machines: readonly Machine[], options?: DriverCallOptions): Promise<Outcome[]>
  /** The pause between two listings that never exceeds the vendor's rate limits, in milliseconds (default: 1000). */
  readonly listPauseMs?: number
  /** How long a new machine may be missing from listings, in milliseconds (default: 0). */
  readonly listLagMs?: number
  /**
   * The verb for `destroy` in the confirmation prompt: "destroy" for machines that Belt created, "release" for
   * existing ones.
   */
  readonly destroyVerb: string

  /**
   * Like `create`, but each new machine also runs a shell script as root at its first boot. Present only if the vendor
   * supports this. The script stays on the machine and may be readable there, so any secret in it must be worthless once
   * the machine is up.
   */
  createWithScript?(
    specs: readonly MachineSpec[],
    script: string,
    options?: DriverCallOptions,
  ): Promise<Outcome[]>

  /** Stops machines gracefully. Present only if the vendor supports it. */
  shutdown?(machines: readonly Machine[], options?: DriverCallOptions): Promise<Outcome[]>
  /** Starts stopped machines. */
  start?(machines: readonly Machine[], options?: DriverCallOptions): Promise<Outcome[]>
  reboot?(machines: readonly Machine[], options?: DriverCallOptions): Promise<Outcome[]>
  /**
   * Changes the size of stopped machines (see `MachineSpec`); they stay stopped. Fails for a running machine. A machine
   * that already has the size is left unchanged.
   */
  resize?(machines: readonly Machine[], size: string, options?: ResizeOptions): Promise<Outcome[]>
  /** The names of machines that already have this size (see `MachineSpec`). Present if `resize` is. */
  ofSize?(machines: readonly Machine[], size: string, options?: DriverCallOptions): Promise<string[]>
}

/** What a driver receives in addition to its own options. */
export interface ClusterContext {
  /** The cluster's name, as used in the machines' label. */
  readonly cluster: string
  /** The OpenSSH public keys to authorize on new machines, in order of preference. */
  publicKeys(): Promise<string[]>
}
