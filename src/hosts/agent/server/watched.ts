import { stat } from 'node:fs/promises'
import { configFiles } from '../../ssh/config/ssh-config.ts'
import { keyPaths, type SshOptions } from '../../ssh/options.ts'

/** Files that make an agent obsolete when they change, each with a stamp of its state. */
export type Watched = Readonly<Record<string, string>>

/** The current state of these files of the files of ssh_config, and of the key files that Belt can log in with. */
export async function watch(
  paths: readonly string[],
  ssh: Pick<SshOptions, 'privateKey' | 'identityFiles' | 'homeDirectory' | 'configFile'>,
): Promise<Watched> {
  const keys = ssh.privateKey === undefined ? keyPaths(ssh) : [ssh.privateKey]
  const all = [...paths, ...configFiles(ssh), ...keys]
  return Object.fromEntries(await Promise.all(all.map(async path => [path, await stampOf(path)] as const)))
}

export async function haveChanged(watched: Watched): Promise<boolean> {
  const stamps = await Promise.all(Object.keys(watched).map(stampOf))
  return Object.values(watched).some((stamp, index) => stamps[index] !== stamp)
}

/** A stamp that changes with the file; empty if the file does not exist. */
async function stampOf(path: string): Promise<string> {
  const status = await stat(path).catch(() => undefined)
  return status ? `${status.mtimeMs} ${status.size} ${status.ino}` : ''
}
