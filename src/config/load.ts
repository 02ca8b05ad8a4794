import { dirname } from 'node:path'
import type { z } from 'zod'
import type { DriverModule } from '../drivers/module.ts'
import { driverNames, isDriverName, loadDriver } from '../drivers/registry.ts'
import { isClusterName } from './cluster-name.ts'
import { type ConfigDocument, readConfig } from './document.ts'
import { type Environment, overridesFrom } from './environment.ts'
import { explain, type Fault } from './explain.ts'
import { renameFormerKeys } from './former-keys.ts'
import { badConfig, type Problem } from './problems.ts'
import { configSchema, type SharedConfig, sharedSchema, sharedSections } from './schema.ts'
import { diverted, exposedSecrets } from './secrets.ts'
import { declaredNodes, type SshSettings, sshSettings, swarmSettings } from './settings.ts'
import type { Cluster } from './workspace.ts'

/** A cluster's validated config: the file, with overrides from the environment, and defaults. */
export interface Config {
  readonly cluster: Cluster
  readonly driver: DriverModule
  /** The driver's options, as its `create` expects them. */
  readonly options: Record<string, unknown>
  readonly ssh: SshSettings
  readonly swarm: ReturnType<typeof swarmSettings>
  /** Kernel settings by key. */
  readonly sysctl: Readonly<Record<string, string | number>>
  readonly nodes: ReturnType<typeof declaredNodes>
  /** Problems that do not prevent Belt from working. */
  readonly warnings: readonly string[]
  readonly source: ConfigSource
}

/** The sources of a config. */
export interface ConfigSource {
  readonly document: ConfigDocument
  readonly schema: ReturnType<typeof configSchema>
  /** The file's data with overrides from the environment, before defaults. */
  readonly data: Record<string, unknown>
  /** The environment variable that overrides the file, by path such as `docker.region`. */
  readonly variables: ReadonlyMap<string, string>
}

/**
 * Loads a cluster's config and the one driver it names.
 * @throws `bad-config` with every problem in the file and the environment; `unreadable-file`
 */
export async function loadConfig(cluster: Cluster, environment: Environment): Promise<Config> {
  return checkConfig(cluster, await readConfig(cluster), environment)
}

/** Like `loadConfig`, for text that has not been written to the file. */
export async function checkConfig(
  cluster: Cluster,
  document: ConfigDocument,
  environment: Environment,
): Promise<Config> {
  const driver = await driverOf(document)
  const { faults: renamed, ...source } = sourceOf(document, driver, environment)
  const parsed = source.schema.safeParse(source.data)
  const faults = [
    ...renamed,
    ...faultsOf(parsed.error, source.schema, source.data),
    ...misnamed(cluster, source.data),
    ...diverted(driver, source, environment),
  ]
  if (!parsed.success || faults.length > 0) {
    throw badConfig(placed(faults, document, source.variables))
  }
  const shared = parsed.data as SharedConfig
  return {
    cluster,
    driver,
    options: parsed.data[driver.name as keyof typeof parsed.data] as unknown as Record<string, unknown>,
    ssh: sshSettings(shared.ssh, keyFolder(source)),
    swarm: swarmSettings(shared.swarm),
    sysctl: shared.sysctl,
    nodes: declaredNodes(shared.nodes),
    warnings: await exposedSecrets(document, driver),
    source,
  }
}

/** Loads the driver that a config names. Throws `bad-config` if it names none. */
export async function driverOf({ data, ...document }: ConfigDocument): Promise<DriverModule> {
  const name = Object.keys(data).find(isDriverName)
  if (name) return loadDriver(name)
  throw badConfig(placed(faultsWithoutDriver(data), document))
}

function sourceOf(
  document: ConfigDocument,
  driver: DriverModule,
  environment: Environment,
): ConfigSource & { readonly faults: readonly Fault[] } {
  const schema = configSchema(driver)
  const data = structuredClone(document.data)
  const faults = renameFormerKeys(data, environment)
  const variables = new Map<string, string>()
  for (const override of overridesFrom(environment, schema, [driver.name, 'ssh', 'swarm'])) {
    const { section, key, variable, value } = override
    if (data[section] === undefined) data[section] = {}
    Object.assign(data[section] as object, { [key]: value })
    variables.set(`${section}.${key}`, variable)
  }
  return { document, schema, data, variables, faults }
}

function faultsOf(error: z.ZodError | undefined, schema: z.ZodType, data: unknown): Fault[] {
  return error?.issues.flatMap(issue => explain(issue, schema, data)) ?? []
}

/** A mistyped driver is already reported as an unknown key. */
function faultsWithoutDriver(data: Record<string, unknown>): Fault[] {
  const faults = faultsOf(sharedSchema.safeParse(data).error, sharedSchema, data)
  if (Object.keys(data).some(key => !Object.hasOwn(sharedSections, key))) return faults
  const drivers = driverNames.map(name => `"${name}:"`).join(' or ')
  return [{ path: [], message: `no driver configured: add a section ${drivers}` }, ...faults]
}

/** The `name` must match the folder and cannot change, because machines are found by it. */
function misnamed(cluster: Cluster, { name }: Record<string, unknown>): Fault[] {
  if (typeof name !== 'string' || name === cluster.name || !isClusterName(name)) return []
  return [
    {
      path: ['name'],
      message: `name: must be ${cluster.name}, because the cluster's machines are found by that name`,
    },
  ]
}

/** Locates faults and sorts them by their position in the file. */
function placed(
  faults: readonly Fault[],
  document: Pick<ConfigDocument, 'where' | 'offsetOf'>,
  variables?: ReadonlyMap<string, string>,
): Problem[] {
  return faults
    .toSorted((one, other) => document.offsetOf(one.path) - document.offsetOf(other.path))
    .map(({ path, message }) => {
      const variable = variables?.get(path.slice(0, 2).join('.'))
      return { where: variable === undefined ? document.where(path) : `environment ${variable}`, message }
    })
}

/** Paths in the file are relative to the file; paths from the environment are relative to the working directory. */
function keyFolder({ variables, document }: ConfigSource): string {
  return variables.has('ssh.private_key') ? process.cwd() : dirname(document.path)
}
