import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { clusterNameFrom } from './cluster-name.ts'
import { readText, unlessMissing } from './files.ts'
import { plainName } from './plain-name.ts'

export const BELT_FOLDER = '.belt'
const BARE_FILES = ['.belt.yaml', '.belt.yml']
const CLUSTER_FILES = ['config.yml', 'config.yaml']

/** A cluster's config file, and the folder for Belt's state about it. */
export interface Cluster {
  readonly name: string
  readonly configPath: string
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
 * @throws `unreadable-file`, and `bad-config` if the name in a bare file cannot be read because it is not YAML
 */
export async function findWorkspace(cwd: string): Promise<Workspace | undefined> {
  const folder = resolve(cwd)
  const workspace = await workspaceIn(folder)
  if (workspace || dirname(folder) === folder) return workspace
  return findWorkspace(dirname(folder))
}

/**
 * The cluster of a config file. `.belt/<cluster>/config.yml` is named after its folder. Any other file is named by its
 * `name` key, otherwise after the file, or after the folder for `.belt.yaml` and `config.yml`.
 */
export async function clusterOfFile(path: string): Promise<Cluster> {
  const configPath = resolve(path)
  const folder = dirname(configPath)
  if (CLUSTER_FILES.includes(basename(configPath)) && basename(dirname(folder)) === BELT_FOLDER) {
    return { name: basename(folder), configPath, folder }
  }
  const name = (await nameIn(configPath)) ?? clusterNameFrom(descriptiveName(configPath))
  return { name, configPath, folder: join(folder, BELT_FOLDER, name) }
}

async function nameIn(configPath: string): Promise<string | undefined> {
  const name = plainName((await readText(configPath)) ?? '')
  return name ?? (await import('./document.ts')).readName(configPath)
}

function descriptiveName(path: string): string {
  const file = basename(path)
  const isGeneral = [...BARE_FILES, ...CLUSTER_FILES].includes(file)
  return isGeneral ? basename(dirname(path)) : basename(file, extname(file))
}

async function workspaceIn(folder: string): Promise<Workspace | undefined> {
  const barePath = await firstFile(folder, BARE_FILES)
  const bare = barePath === undefined ? [] : [await clusterOfFile(barePath)]
  const others = (await clustersIn(join(folder, BELT_FOLDER))).filter(({ name }) => name !== bare[0]?.name)
  const clusters = [...bare, ...others]
  return clusters.length === 0 ? undefined : { folder, clusters, isBare: bare.length > 0 }
}

async function clustersIn(beltFolder: string): Promise<Cluster[]> {
  const names = (await unlessMissing(beltFolder, readdir(beltFolder))) ?? []
  const clusters = await Promise.all(
    names.sort().map(async name => {
      const folder = join(beltFolder, name)
      const configPath = await firstFile(folder, CLUSTER_FILES)
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
