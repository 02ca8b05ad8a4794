import { rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { usageError } from '../errors.ts'
import { checkClusterName } from './cluster-name.ts'
import { readConfigText } from './config-file.ts'
import type { Environment } from './environment.ts'
import { readText, writeText, writing } from './files.ts'
import { ignoreState } from './state-folder.ts'
import { assertTrustedFolder } from './trust.ts'
import { type Cluster, clusterOfFile, findWorkspace, stateFolder, type Workspace } from './workspace.ts'

/** How the user picked a cluster, by flags or the environment. */
export interface Choice {
  readonly cwd: string
  /** The name from `--cluster`, otherwise from `BELT_CLUSTER`. */
  readonly cluster?: string | undefined
  /** The path from `--config`, relative to `cwd`. */
  readonly config?: string | undefined
  /** May name another folder for Belt's state, in `BELT_STATE_DIR` (default: that of this process). */
  readonly environment?: Environment
}

export interface ListedCluster extends Cluster {
  /** Whether commands without `--cluster` work on it. */
  readonly active: boolean
}

/**
 * Finds the cluster to work on. The first of these wins: `--config`, `--cluster` or `BELT_CLUSTER`, the cluster that
 * `belt use` made active, a bare `.belt.yaml`, the only cluster. Does not load the schema, and loads the YAML parser only
 * if a bare file's name cannot be read without it.
 * @throws `no-cluster`, `no-such-cluster`, `no-active-cluster`, `no-config-file`, `bad-cluster-name`; `unsafe-file` if others
 *   can change what Belt found or keeps
 */
export async function chooseCluster(choice: Choice): Promise<Cluster> {
  const { cwd, config, environment = process.env } = choice
  const cluster = config
    ? await clusterAt(resolve(cwd, config), environment)
    : await clusterFrom(choice, environment)
  checkClusterName(cluster.name)
  for (const folder of [dirname(cluster.folder), cluster.folder]) await assertTrustedFolder(folder)
  return cluster
}

/** Lists the clusters of the nearest folder that has any; empty if there is none. */
export async function listClusters(cwd: string): Promise<ListedCluster[]> {
  const workspace = await findWorkspace(cwd)
  if (!workspace) return []
  const active =
    (await rememberedName(workspace)) ?? (workspace.isBare ? workspace.clusters[0]?.name : undefined)
  return workspace.clusters.map(cluster => ({ ...cluster, active: cluster.name === active }))
}

/** Makes a cluster the active one of its workspace, in `.belt/active`. Throws `no-cluster` and `no-such-cluster`. */
export async function useCluster(cwd: string, name: string): Promise<Cluster> {
  const workspace = await workspaceFrom(cwd)
  const cluster = named(workspace, name)
  await ignoreState(dirname(activePath(workspace)))
  await writeText(activePath(workspace), `${name}\n`)
  return cluster
}

/** Makes no cluster of a `.belt` folder active, if it is this one. */
export async function forgetActive(beltFolder: string, name: string): Promise<void> {
  const path = join(beltFolder, 'active')
  if ((await readText(path))?.trim() === name) await writing(path, () => rm(path, { force: true }))
}

async function clusterAt(configPath: string, environment: Environment): Promise<Cluster> {
  const file = { configPath, isNamed: true }
  if ((await readConfigText(file)) !== undefined) return clusterOfFile(file, environment)
  throw usageError('no-config-file', `${configPath} does not exist`, {
    hint: 'run belt cluster ls to list clusters',
  })
}

async function clusterFrom({ cwd, cluster }: Choice, environment: Environment): Promise<Cluster> {
  const workspace = await workspaceFrom(cwd, environment)
  const name = cluster || (await rememberedName(workspace, environment))
  if (name) return named(workspace, name)
  const [first, ...more] = workspace.clusters
  if (first && (workspace.isBare || more.length === 0)) return first
  throw usageError('no-active-cluster', `no cluster is active; available clusters: ${namesOf(workspace)}`, {
    hint: `run belt use ${first?.name}, or add --cluster ${first?.name} to this command`,
  })
}

async function workspaceFrom(cwd: string, environment?: Environment): Promise<Workspace> {
  const workspace = await findWorkspace(cwd, environment)
  if (workspace) return workspace
  throw usageError('no-cluster', `no cluster found in ${cwd} or any parent folder`, {
    hint: 'create one: belt cluster new --driver docker NAME',
  })
}

function named(workspace: Workspace, name: string): Cluster {
  const cluster = workspace.clusters.find(candidate => candidate.name === name)
  if (cluster) return cluster
  throw usageError(
    'no-such-cluster',
    `no such cluster: ${JSON.stringify(name)}; available clusters: ${namesOf(workspace)}`,
    {
      hint: `run belt use ${workspace.clusters[0]?.name}`,
    },
  )
}

function namesOf(workspace: Workspace): string {
  return workspace.clusters.map(({ name }) => name).join(', ')
}

function activePath({ folder }: Workspace, environment: Environment = process.env): string {
  return join(stateFolder(folder, environment), 'active')
}

async function rememberedName(workspace: Workspace, environment?: Environment): Promise<string | undefined> {
  return (await readText(activePath(workspace, environment)))?.trim() || undefined
}
