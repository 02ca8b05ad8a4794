import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { withFileLock } from '../file-lock.ts'
import { FOLDER_MODE, readText, writeText, writing } from './files.ts'
import { type Cluster, ownKeyPath } from './workspace.ts'

/**
 * Writes the cluster's own SSH key, unless it exists. Only the user can read it, and it stays out of version control.
 * @param newKey makes a private key
 * @returns its path if it was written
 */
export async function makeOwnKey(cluster: Cluster, newKey: () => string): Promise<string | undefined> {
  const path = ownKeyPath(cluster)
  const folder = dirname(path)
  return writing(path, async () => {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
    return withFileLock(path, async () => {
      if ((await readText(path)) !== undefined) return undefined
      await writeText(join(folder, '.gitignore'), '*\n')
      await writeText(path, newKey())
      return path
    })
  })
}
