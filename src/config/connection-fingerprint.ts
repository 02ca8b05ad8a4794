import { createHash } from 'node:crypto'
import { driverNames } from '../drivers/registry.ts'
import { packageVersion } from '../package-files.ts'
import type { Environment } from './environment.ts'
import { readText } from './files.ts'
import type { Cluster } from './workspace.ts'

/** Variables that determine where hosts are and how Belt connects to them. */
const PREFIXES = ['BELT_SSH_', 'AWS_', ...driverNames.map(name => `${name.toUpperCase()}_`)]
const NAMES = ['HOME', 'SSH_AUTH_SOCK']
/** How long connections are kept open does not affect how they are made; the second name is the former one. */
const IGNORED_VARIABLES = ['BELT_SSH_AGENT', 'BELT_SSH_KEEP_WARM']

/**
 * A digest of everything that determines how Belt connects to a cluster's hosts: its version, the config and the
 * environment. Runs with the same fingerprint can share connections. Secrets cannot be recovered from it.
 */
export async function connectionFingerprint(
  { configPath }: Cluster,
  environment: Environment,
): Promise<string> {
  const variables = Object.entries(environment)
    .filter(([name]) => NAMES.includes(name) || PREFIXES.some(prefix => name.startsWith(prefix)))
    .filter(([name]) => !IGNORED_VARIABLES.includes(name))
    .sort(([one], [other]) => (one < other ? -1 : 1))
  const facts = [packageVersion, configPath, (await readText(configPath)) ?? '', variables]
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 24)
}
