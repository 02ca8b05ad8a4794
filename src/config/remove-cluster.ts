import { readdir, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { forgetActive } from './active.ts'
import { unlessMissing, writing } from './files.ts'
import type { Cluster } from './workspace.ts'

/** The files of a cluster, as paths: its config comes last, so that a removal that was interrupted can be repeated. */
export async function filesOf({ configPath, folder }: Cluster): Promise<string[]> {
  const names = (await unlessMissing(folder, readdir(folder))) ?? []
  const state = names.map(name => join(folder, name)).filter(path => path !== configPath)
  return [...state.sort(), configPath]
}

/**
 * Removes these files of a cluster, and its folder if nothing else is in it. It is no longer the active cluster then.
 * @throws `unwritable-file`
 */
export async function removeCluster(cluster: Cluster, files: readonly string[]): Promise<void> {
  const { folder, name } = cluster
  for (const path of files) await writing(path, () => rm(path, { recursive: true, force: true }))
  await rmdir(folder).catch(() => {}) // it was never made, or holds what somebody has put there since
  await forgetActive(dirname(folder), name)
}
