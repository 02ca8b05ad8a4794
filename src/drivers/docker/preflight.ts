import { readFile } from 'node:fs/promises'
import type { Progress } from '../../progress.ts'
import type { Engine, EngineFacts } from './engine.ts'

/**
 * An estimate of the inotify instances that a machine uses. With cgroup v2, it uses one, plus one per container. With
 * cgroup v1, none were observed.
 */
const INOTIFY_PER_MACHINE = 4

const INOTIFY_LIMIT = '/proc/sys/fs/inotify/max_user_instances'

export interface Load {
  /** The total number of machines. */
  readonly machines: number
  /** Their total memory limit. */
  readonly memoryMiB: number
}

/** Notes if the engine's host may be too small for the machines; they may still start. */
export async function noteShortages(engine: Engine, load: Load, progress: Progress): Promise<void> {
  const limit = engine.endpoint.isSocket ? await inotifyLimit() : undefined
  for (const shortage of shortages(load, await engine.facts(), limit)) progress.note(shortage)
}

/** @param inotifyLimit the limit of the engine's host, if known */
export function shortages(load: Load, facts: EngineFacts, inotifyLimit: number | undefined): string[] {
  const memoryMiB = Math.floor(facts.MemTotal / 2 ** 20)
  const instances = facts.CgroupVersion === '2' ? load.machines * INOTIFY_PER_MACHINE : 0
  const notes: string[] = []
  if (load.memoryMiB > memoryMiB) {
    notes.push(
      `the machines may use ${load.memoryMiB} MiB of memory, but the Docker Engine has only ${memoryMiB} MiB`,
    )
  }
  if (inotifyLimit !== undefined && instances > inotifyLimit) {
    notes.push(
      [
        `${load.machines} machines use about ${instances} inotify instances, but only ${inotifyLimit} are allowed;`,
        `raise the limit: sudo sysctl fs.inotify.max_user_instances=${instances * 2}`,
      ].join(' '),
    )
  }
  return notes
}

/** @returns undefined if the system has no such limit */
async function inotifyLimit(): Promise<number | undefined> {
  try {
    return Number(await readFile(INOTIFY_LIMIT, 'utf8'))
  } catch {
    return undefined
  }
}
