import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readText, writeText, writing } from './files.ts'
import { ignoreState } from './state-folder.ts'
import type { Cluster } from './workspace.ts'

/** Something that is kept between two runs of Belt. */
interface Remembered<T> {
  get(): Promise<T | undefined>
  set(value: T): Promise<void>
  clear(): Promise<void>
}

/** The cluster's active host, used when a command names none; kept in `.belt/<cluster>/active`. */
export function activeHost(cluster: Cluster): Remembered<string> {
  const lines = rememberedLines(cluster, 'active')
  return {
    get: async () => (await lines.get())?.[0],
    set: (name: string) => lines.set([name]),
    clear: lines.clear,
  }
}

/** The hosts that failed in the last run, kept in `.belt/<cluster>/failed`. */
export function lastFailures(cluster: Cluster): Remembered<readonly string[]> {
  return rememberedLines(cluster, 'failed')
}

/** Words kept in a file of the cluster's folder, one per line; an empty list is kept too. */
function rememberedLines(cluster: Cluster, file: string) {
  const path = join(cluster.folder, file)
  return {
    async get(): Promise<readonly string[] | undefined> {
      return (await readText(path))?.split('\n').filter(line => line.trim() !== '')
    },
    async set(lines: readonly string[]): Promise<void> {
      await ignoreState(dirname(cluster.folder))
      await writeText(path, lines.map(line => `${line}\n`).join(''))
    },
    clear: () => writing(path, () => rm(path, { force: true })),
  }
}
