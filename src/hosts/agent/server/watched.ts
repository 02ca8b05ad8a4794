import { stat } from 'node:fs/promises'
import { defaultKeyPaths, type KeyOptions } from '../../ssh/options.ts'

/** Files that make an agent useless when they change, and what they were like. */
export type Watched = Readonly<Record<string, string>>

/** What these files are like now, and those of the keys that may be logged in with. */
export async function watch(paths: readonly string[], keys: KeyOptions): Promise<Watched> {
  const all = [...paths, ...(keys.privateKey === undefined ? defaultKeyPaths(keys) : [keys.privateKey])]
  return Object.fromEntries(await Promise.all(all.map(async path => [path, await stampOf(path)] as const)))
}

export async function haveChanged(watched: Watched): Promise<boolean> {
  const stamps = await Promise.all(Object.keys(watched).map(stampOf))
  return Object.values(watched).some((stamp, index) => stamps[index] !== stamp)
}

/** How a file is to be recognised as unchanged; empty when there is none. */
async function stampOf(path: string): Promise<string> {
  const status = await stat(path).catch(() => undefined)
  return status ? `${status.mtimeMs} ${status.size} ${status.ino}` : ''
}
