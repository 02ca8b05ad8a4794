import { join } from 'node:path'
import type { KnownHosts } from '../known-hosts/known-hosts.ts'

/** Where to find the keys to log in with. */
export interface KeyOptions {
  /** The path of the only private key to use (default: the agent's keys, then the default keys). */
  readonly privateKey?: string | undefined
  /** The private keys to use instead of the default ones. */
  readonly identityFiles?: readonly string[] | undefined
  /** Whether to use only those keys of the agent that are also in the files. */
  readonly identitiesOnly?: boolean | undefined
  /** The agent's socket, from `SSH_AUTH_SOCK`. */
  readonly agentSocket?: string | undefined
  /** The directory whose `.ssh` holds the default keys: `id_ed25519`, `id_ecdsa`, `id_rsa`. */
  readonly homeDirectory: string
  /** The path of a key that Belt makes for the cluster if there is no other. It may not exist. */
  readonly ownKey?: string | undefined
  /** Asks for the passphrase of a key file. Absent without a terminal: encrypted keys are then unusable. */
  readonly askPassphrase?: ((path: string) => Promise<string>) | undefined
}

/** A host that connections go through. */
export interface BastionAddress {
  readonly address: string
  /** Default: that of ssh_config, then 22. */
  readonly port?: number | undefined
  /** Default: that of ssh_config, then root. */
  readonly user?: string | undefined
}

export interface SshOptions extends KeyOptions {
  readonly bastion?: BastionAddress | undefined
  /** What makes the connections: Belt's own SSH library, or the system's ssh (default: `ssh2`). */
  readonly client?: 'ssh2' | 'openssh' | undefined
  /** The file of ssh_config, or `none` (default: those that ssh reads). */
  readonly configFile?: string | undefined
  readonly knownHosts: KnownHosts
  /** Whether to store or reject a key seen for the first time. A changed key is always rejected. */
  readonly hostKeyChecking: 'accept-new' | 'strict'
  /** The deadline of one connection, from the first packet to the accepted login. */
  readonly connectTimeoutMs: number
  /** How long to retry a new machine. */
  readonly freshTimeoutMs: number
  /** The interval of keepalives. The connection is lost one interval after three keepalives without an answer. */
  readonly keepaliveMs: number
  /** Called for each failure that will be retried. */
  readonly onRetry?: (host: string, reason: string, elapsedMs: number) => void
}

export const SSH_DEFAULTS = {
  hostKeyChecking: 'accept-new',
  connectTimeoutMs: 10_000,
  freshTimeoutMs: 120_000,
  keepaliveMs: 15_000,
} as const

/** The paths of the keys to try besides those of the agent, in their order. */
export function keyPaths({ homeDirectory, identityFiles, ownKey }: KeyOptions): readonly string[] {
  const paths =
    identityFiles ?? ['id_ed25519', 'id_ecdsa', 'id_rsa'].map(name => join(homeDirectory, '.ssh', name))
  return ownKey === undefined ? paths : [...paths, ownKey]
}
