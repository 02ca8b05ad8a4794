import { stat } from 'node:fs/promises'
import type { Node } from 'yaml'
import { MASK } from '../domain/redact.ts'
import type { DriverModule } from '../drivers/module.ts'
import { usageError } from '../errors.ts'
import { type ConfigDocument, type Path, pairIn } from './document.ts'
import type { Environment } from './environment.ts'
import type { Fault } from './explain.ts'
import { unlessMissing } from './files.ts'
import type { ConfigSource } from './load.ts'
import { defaultOf, schemasAt } from './schema-tree.ts'
import { variableOf } from './variable-name.ts'

export function isSecret(driver: DriverModule, [section, key]: Path): boolean {
  return section === driver.name && driver.secrets.includes(String(key))
}

/**
 * Addresses that a file names for secrets of the environment. Whoever wrote the file would receive them, so the environment
 * has to name the address too.
 */
export function diverted(
  driver: DriverModule,
  { document, schema, variables }: ConfigSource,
  environment: Environment,
): Fault[] {
  const options = (document.data[driver.name] ?? {}) as Record<string, unknown>
  const isFromEnvironment = driver.secrets.some(key => variables.has(`${driver.name}.${key}`))
  const isReadByDriver = driver.secretVariables?.some(name => environment[name]) ?? false
  const isInFile = driver.secrets.some(key => options[key])
  if (!isFromEnvironment && (isInFile || !isReadByDriver)) return []
  const keys = (driver.destinations ?? []).filter(key => {
    const [standard] = schemasAt(schema, [driver.name, key]).map(defaultOf)
    const isInUse = options[key] !== undefined && !variables.has(`${driver.name}.${key}`)
    return isInUse && options[key] !== standard
  })
  return keys.map(key => ({
    path: [driver.name, key],
    message: `${driver.name}.${key}: the token of the environment is not sent to an address from a file: set ${variableOf(driver.name, key)} too`,
  }))
}

/** A config's text with its secrets masked, for display. */
export function maskedText({ text, yaml }: ConfigDocument, driver: DriverModule): string {
  const options = pairIn(yaml.contents, driver.name)?.value
  return driver.secrets
    .map(key => (pairIn(options, key)?.value as Node | undefined)?.range)
    .filter(range => range != null)
    .filter(([start, end]) => end > start)
    .sort(([one], [other]) => other - one)
    .reduce((shown, [start, end]) => shown.slice(0, start) + MASK + shown.slice(end), text)
}

/**
 * Warns if a config file contains secrets and other users can read it.
 * @throws a usage error `exposed-secret` for a secret that the driver guards
 */
export async function exposedSecrets(document: ConfigDocument, driver: DriverModule): Promise<string[]> {
  const { path, data } = document
  const options = (data[driver.name] ?? {}) as Record<string, unknown>
  const held = driver.secrets.filter(key => options[key])
  if (held.length === 0 || process.platform === 'win32') return []
  const mode = (await unlessMissing(path, stat(path)))?.mode ?? 0
  if ((mode & 0o077) === 0) return []
  const exposed = `${path} contains ${held.join(' and ')} and is readable by other users`
  if (held.some(key => driver.guarded?.includes(key))) {
    throw usageError('exposed-secret', exposed, {
      hint: `run chmod 600 ${path}, and replace ${held.join(' and ')}: other users may have read it`,
    })
  }
  return [`${exposed}: chmod 600 ${path}`]
}
