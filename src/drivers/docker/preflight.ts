import { readFile } from 'node:fs/promises'
import type { Progress } from '../../progress.ts'
import type { Engine, EngineFacts } from './engine.ts'

/**
 * Instances of inotify that a machine uses: with cgroups of version 2 one for itself and one for each container in
 * it, of which a few are reckoned with. With version 1 none were seen.
 */
const INOTIFY_PER_MACHINE = 4

const INOTIFY_LIMIT = '/proc/sys/fs/inotify/max_user_instances'

export interface Load {
  /** How many machines there will be. */
  readonly machines: number
  /** What they may use together. */
  readonly memoryMiB: number
}

/** Tells where the engine's host is too small for the machines; they may well start nevertheless. */
export async function noteShortages(engine: Engine, load: Load, progress: Progress): Promise<void> {
  const limit = engine.endpoint.isSocket ? await inotifyLimit() : undefined
  for (const shortage of shortages(load, await engine.facts(), limit)) progress.note(shortage)
}

/** @param inotifyLimit of the engine's host, where it is known */
export function shortages(load: Load, facts: EngineFacts, inotifyLimit: number | undefined): string[] {
  const memoryMiB = Math.floor(facts.MemTotal / 2 ** 20)
  const instances = facts.CgroupVersion === '2' ? load.machines * INOTIFY_PER_MACHINE : 0
  const notes: string[] = []
  if (load.memoryMiB > memoryMiB) {
    notes.push(
      `the machines may use ${load.memoryMiB} MiB of memory, but the Docker Engine has ${memoryMiB} MiB`,
    )
  }
  if (inotifyLimit !== undefined && instances > inotifyLimit) {
    notes.push(
      [
        `${load.machines} machines use about ${instances} inotify instances, but ${inotifyLimit} are allowed;`,
        `allow more: sudo sysctl fs.inotify.max_user_instances=${instances * 2}`,
      ].join(' '),
    )
  }
  return notes
}

/** @returns undefined where the system has no such limit */
async function inotifyLimit(): Promise<number | undefined> {
  try {
    return Number(await readFile(INOTIFY_LIMIT, 'utf8'))
  } catch {
    return undefined
  }
}
