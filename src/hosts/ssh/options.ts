import { join } from 'node:path'
import type { KnownHosts } from '../known-hosts/known-hosts.ts'

/** Where the keys to log in with are found. */
export interface KeyOptions {
  /** The path of a private key; it alone is then used. Without it: the agent's keys, then the default keys. */
  readonly privateKey?: string | undefined
  /** The agent's socket, from `SSH_AUTH_SOCK`. */
  readonly agentSocket?: string | undefined
  /** Its `.ssh` holds the default keys: `id_ed25519`, `id_ecdsa`, `id_rsa`. */
  readonly homeDirectory: string
  /** Asks for the passphrase of a key file. Absent without a terminal: an encrypted key is then not usable. */
  readonly askPassphrase?: ((path: string) => Promise<string>) | undefined
}

/** A host that connections go through. */
export interface BastionAddress {
  readonly address: string
  readonly port: number
  readonly user: string
}

export interface SshOptions extends KeyOptions {
  readonly bastion?: BastionAddress | undefined
  readonly knownHosts: KnownHosts
  /** A key seen for the first time is remembered, or refused. A changed key is always refused. */
  readonly hostKeyChecking: 'accept-new' | 'strict'
  /** The deadline of one connection, from the first packet to the accepted login. */
  readonly connectTimeoutMs: number
  /** How long a machine that was just made is tried again. */
  readonly freshTimeoutMs: number
  /** The interval of keepalives; one interval after three without an answer the connection is lost. */
  readonly keepaliveMs: number
  /** Told of each failure that will be tried again. */
  readonly onRetry?: (host: string, reason: string, elapsedMs: number) => void
}

export const SSH_DEFAULTS = {
  hostKeyChecking: 'accept-new',
  connectTimeoutMs: 10_000,
  freshTimeoutMs: 120_000,
  keepaliveMs: 15_000,
} as const

/** Where the default keys are, in the order they are tried. */
export function defaultKeyPaths({ homeDirectory }: KeyOptions): string[] {
  return ['id_ed25519', 'id_ecdsa', 'id_rsa'].map(name => join(homeDirectory, '.ssh', name))
}
