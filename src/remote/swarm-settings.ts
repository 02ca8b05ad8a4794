import { dockerClient, type ProcessCommand, readingDocker } from './command.ts'

/** Settings of a swarm that Belt changes. */
export interface SwarmSpec {
  /** How long nodes' certificates last, in milliseconds. */
  readonly certificateExpiryMs: number
  /** Whether a manager needs the unlock key after a restart. */
  readonly autolock: boolean
}

/** Reads the settings, on a manager of a swarm that has a leader. */
export const settingsCommand: ProcessCommand = readingDocker(
  'info',
  '--format',
  '{{json .Swarm.Cluster.Spec}}',
)

/**
 * Parses the output of `settingsCommand`.
 * @throws SyntaxError, or TypeError if there are no settings
 */
export function parseSettings(stdout: string): SwarmSpec {
  const spec = JSON.parse(stdout) as {
    CAConfig: { NodeCertExpiry: number }
    EncryptionConfig: { AutoLockManagers?: boolean }
  }
  return {
    certificateExpiryMs: spec.CAConfig.NodeCertExpiry / 1e6,
    autolock: spec.EncryptionConfig.AutoLockManagers ?? false,
  }
}

/** Changes settings. If it turns autolock on, it prints the unlock key: never show its output. */
export function updateCommand({ certificateExpiryMs, autolock }: Partial<SwarmSpec>): ProcessCommand {
  return dockerClient(
    ...['swarm', 'update'],
    ...(certificateExpiryMs === undefined ? [] : ['--cert-expiry', `${certificateExpiryMs}ms`]),
    ...(autolock === undefined ? [] : [`--autolock=${autolock}`]),
  )
}

/** Prints the unlock key, a secret. Without autolock it prints a sentence instead. */
export const unlockKeyCommand: ProcessCommand = readingDocker('swarm', 'unlock-key', '--quiet')

/** The key in the output of `unlockKeyCommand`; undefined if there is none. */
export function parseUnlockKey(stdout: string): string | undefined {
  return /^SWMKEY-1-\S+$/m.exec(stdout)?.[0]
}
