import { createHash } from 'node:crypto'
import { driverNames } from '../drivers/registry.ts'
import { packageVersion } from '../package-files.ts'
import type { Environment } from './environment.ts'
import { readText } from './files.ts'
import type { Cluster } from './workspace.ts'

/** Variables that say where hosts are and how they are reached; the others have no part in it. */
const PREFIXES = ['BELT_SSH_', 'AWS_', ...driverNames.map(name => `${name.toUpperCase()}_`)]
const NAMES = ['HOME', 'SSH_AUTH_SOCK']
/** How long connections are kept is no property of theirs. */
const NO_PART = 'BELT_SSH_KEEP_WARM'

/**
 * A digest of what a run of Belt makes of a cluster's hosts: its version, the config and the environment. Runs that have
 * the same one may use each other's connections. What is secret among it cannot be read from it.
 */
export async function connectionFingerprint(
  { configPath }: Cluster,
  environment: Environment,
): Promise<string> {
  const variables = Object.entries(environment)
    .filter(([name]) => NAMES.includes(name) || PREFIXES.some(prefix => name.startsWith(prefix)))
    .filter(([name]) => name !== NO_PART)
    .sort(([one], [other]) => (one < other ? -1 : 1))
  const facts = [packageVersion, configPath, (await readText(configPath)) ?? '', variables]
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 24)
}
