import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { clusterNameFrom } from './cluster-name.ts'
import { type ConfigFile, readConfigText } from './config-file.ts'
import type { Environment } from './environment.ts'
import { unlessMissing } from './files.ts'
import { plainName } from './plain-name.ts'
import { assertTrustedFolder } from './trust.ts'

export const BELT_FOLDER = '.belt'
const BARE_FILES = ['.belt.yaml', '.belt.yml']
const CLUSTER_FILES = ['config.yml', 'config.yaml']

/** A cluster's config file, and the folder for Belt's state about it. */
export interface Cluster extends ConfigFile {
  readonly name: string
  /** `.belt/<cluster>`: contains `active`, `failed` and `known_hosts`. It may not exist yet. */
  readonly folder: string
}

/** A folder that contains clusters. */
export interface Workspace {
  readonly folder: string
  /** At least one. The cluster of a bare `.belt.yaml` comes first, then the others by name. */
  readonly clusters: readonly Cluster[]
  /** Whether the first cluster comes from a bare `.belt.yaml`. */
  readonly isBare: boolean
}

/**
 * The folder for Belt's state about clusters whose configs lie in or below a folder: its `.belt`, or the one that
 * `BELT_STATE_DIR` names where configs are read-only.
 */
export function stateFolder(folder: string, environment: Environment): string {
  const named = environment.BELT_STATE_DIR
  return named ? resolve(named) : join(folder, BELT_FOLDER)
}

/** The path of a cluster's host keys, in OpenSSH's known_hosts format. */
export function knownHostsPath(cluster: Cluster): string {
  return join(cluster.folder, 'known_hosts')
}

/** The path of the SSH key that Belt makes for a cluster whose user has none. */
export function ownKeyPath(cluster: Cluster): string {
  return join(cluster.folder, 'ssh', 'id_ed25519')
}

/** The folder of a cluster's change journal and debug logs. */
export function logFolder(cluster: Cluster): string {
  return join(cluster.folder, 'log')
}

/** The path of the cluster's lock while it has no swarm. */
export function lockPath(cluster: Cluster): string {
  return join(cluster.folder, 'lock')
}

/**
 * Finds the nearest folder, from `cwd` upwards, that contains a `.belt.yaml` (or `.belt.yml`) or a
 * `.belt/<cluster>/config.yml` (or `config.yaml`). If both spellings exist, the first is used. A folder may contain both
 * kinds of config; if they name the same cluster, `.belt.yaml` wins.
 * @returns undefined if no folder contains any
 * @throws `unreadable-file`; `unsafe-file` if others can change the bare file or the folder; `bad-config` if the name in a
 *   bare file cannot be read because it is not YAML
 */
export async function findWorkspace(
  cwd: string,
  environment: Environment = process.env,
): Promise<Workspace | undefined> {
  const folder = resolve(cwd)
  const workspace = await workspaceIn(folder, environment)
  if (workspace || dirname(folder) === folder) return workspace
  return findWorkspace(dirname(folder), environment)
}

/**
 * The cluster of a config file. `.belt/<cluster>/config.yml` is named after its folder. Any other file is named by its
 * `name` key, otherwise after the file, or after the folder for `.belt.yaml` and `config.yml`.
 */
export async function clusterOfFile(
  { configPath, isNamed = false }: ConfigFile,
  environment: Environment,
): Promise<Cluster> {
  const folder = dirname(configPath)
  const isInBelt = CLUSTER_FILES.includes(basename(configPath)) && basename(dirname(folder)) === BELT_FOLDER
  const name = isInBelt
    ? basename(folder)
    : ((await nameIn({ configPath, isNamed })) ?? clusterNameFrom(descriptiveName(configPath)))
  const workspace = isInBelt ? dirname(dirname(folder)) : folder
  return { name, configPath, folder: join(stateFolder(workspace, environment), name), isNamed }
}

async function nameIn(file: ConfigFile): Promise<string | undefined> {
  const name = plainName((await readConfigText(file)) ?? '')
  return name ?? (await import('./document.ts')).readName(file)
}

function descriptiveName(path: string): string {
  const file = basename(path)
  const isGeneral = [...BARE_FILES, ...CLUSTER_FILES].includes(file)
  return isGeneral ? basename(dirname(path)) : basename(file, extname(file))
}

async function workspaceIn(folder: string, environment: Environment): Promise<Workspace | undefined> {
  const barePath = await firstFile(folder, BARE_FILES)
  const bare = barePath === undefined ? [] : [await clusterOfFile({ configPath: barePath }, environment)]
  const others = (await clustersIn(folder, environment)).filter(({ name }) => name !== bare[0]?.name)
  const clusters = [...bare, ...others]
  if (clusters.length === 0) return undefined
  await assertTrustedFolder(join(folder, BELT_FOLDER))
  return { folder, clusters, isBare: bare.length > 0 }
}

async function clustersIn(workspace: string, environment: Environment): Promise<Cluster[]> {
  const beltFolder = join(workspace, BELT_FOLDER)
  const names = (await unlessMissing(beltFolder, readdir(beltFolder))) ?? []
  const clusters = await Promise.all(
    names.sort().map(async name => {
      const configPath = await firstFile(join(beltFolder, name), CLUSTER_FILES)
      const folder = join(stateFolder(workspace, environment), name)
      return configPath === undefined ? [] : [{ name, configPath, folder }]
    }),
  )
  return clusters.flat()
}

async function firstFile(folder: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const path = join(folder, name)
    if ((await unlessMissing(path, stat(path)))?.isFile()) return path
  }
  return undefined
}
