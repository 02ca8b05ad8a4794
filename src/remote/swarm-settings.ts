import { dockerClient, type ProcessCommand, readingDocker } from './command.ts'
import { EngineObject } from './engine-json.ts'

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
 * @throws SyntaxError if it holds no settings
 */
export function parseSettings(stdout: string): SwarmSpec {
  const spec = EngineObject.read(stdout)
  return {
    certificateExpiryMs: spec.object('CAConfig').count('NodeCertExpiry') / 1e6,
    autolock: spec.object('EncryptionConfig').flag('AutoLockManagers'),
  }
}

/** What a swarm tells of the settings that it was made with, and of those that can change. */
export interface SwarmFacts {
  readonly certificateExpiryMs: number
  readonly taskHistoryLimit: number
  readonly addressPools: readonly string[]
  readonly poolMaskLength: number
  readonly dataPathPort: number
}

/**
 * Parses the swarm's settings in a manager's answer to `membershipRequest`; unlike `GET /swarm`, it contains no tokens.
 * @throws SyntaxError if it is not the engine's JSON
 */
export function parseSwarmFacts(body: string): SwarmFacts {
  const cluster = EngineObject.read(body).object('Swarm').object('Cluster')
  const spec = cluster.object('Spec')
  return {
    certificateExpiryMs: spec.object('CAConfig').count('NodeCertExpiry') / 1e6,
    taskHistoryLimit: spec.object('Orchestration').count('TaskHistoryRetentionLimit'),
    addressPools: cluster.texts('DefaultAddrPool'),
    poolMaskLength: cluster.count('SubnetSize'),
    dataPathPort: cluster.count('DataPathPort'),
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
