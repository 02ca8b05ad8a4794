import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { clusterNameFrom } from './cluster-name.ts'
import { readText, unlessMissing } from './files.ts'
import { plainName } from './plain-name.ts'

export const BELT_FOLDER = '.belt'
const BARE_FILES = ['.belt.yaml', '.belt.yml']
const CLUSTER_FILES = ['config.yml', 'config.yaml']

/** Where a cluster's config is, and where Belt keeps what it remembers of it. */
export interface Cluster {
  readonly name: string
  readonly configPath: string
  /** `.belt/<cluster>`: holds `active`, `failed` and `known_hosts`. It need not exist. */
  readonly folder: string
}

/** A folder with clusters in it. */
export interface Workspace {
  readonly folder: string
  /** At least one. That of a bare `.belt.yaml` comes first, the others follow by name. */
  readonly clusters: readonly Cluster[]
  /** Whether the first cluster is that of a bare `.belt.yaml`. */
  readonly isBare: boolean
}

/** Where the host keys of a cluster are kept, in OpenSSH's format. */
export function knownHostsPath(cluster: Cluster): string {
  return join(cluster.folder, 'known_hosts')
}

/** Where the journal of changes and the debug logs of a cluster are kept. */
export function logFolder(cluster: Cluster): string {
  return join(cluster.folder, 'log')
}

/** Where the cluster's lock is kept as long as it has no swarm. */
export function lockPath(cluster: Cluster): string {
  return join(cluster.folder, 'lock')
}

/**
 * Finds the nearest folder, from `cwd` upwards, that has a `.belt.yaml` (or `.belt.yml`) or a
 * `.belt/<cluster>/config.yml` (or `config.yaml`); where both endings are there, the first is used. A folder may have
 * both kinds; when they name the same cluster, `.belt.yaml` wins.
 * @returns undefined when no folder has any
 * @throws `unreadable-file`, and `bad-config` when a bare file is not YAML and so cannot tell its name
 */
export async function findWorkspace(cwd: string): Promise<Workspace | undefined> {
  const folder = resolve(cwd)
  const workspace = await workspaceIn(folder)
  if (workspace || dirname(folder) === folder) return workspace
  return findWorkspace(dirname(folder))
}

/**
 * The cluster of a file given by its path: `.belt/<cluster>/config.yml` is named by its folder; any other file by its
 * `name` key, or else by the file's or, for `.belt.yaml` and `config.yml`, the folder's name made valid.
 */
export async function clusterOfFile(path: string): Promise<Cluster> {
  const configPath = resolve(path)
  const folder = dirname(configPath)
  if (CLUSTER_FILES.includes(basename(configPath)) && basename(dirname(folder)) === BELT_FOLDER) {
    return { name: basename(folder), configPath, folder }
  }
  const name = (await nameIn(configPath)) ?? clusterNameFrom(sayingName(configPath))
  return { name, configPath, folder: join(folder, BELT_FOLDER, name) }
}

async function nameIn(configPath: string): Promise<string | undefined> {
  const name = plainName((await readText(configPath)) ?? '')
  return name ?? (await import('./document.ts')).readName(configPath)
}

function sayingName(path: string): string {
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
