import { withSpool } from '../../spool.ts'
import { checkContents, unlocked } from './contents.ts'
import { type OpenBackup, openBackup } from './file.ts'

/**
 * Opens a backup, checks it and unlocks it while `work` runs.
 * @param unlockKey of a swarm with autolock; a secret
 * @throws a precheck error if it is damaged, or locked and the key is missing or a different one
 */
export function withBackup<T>(
  path: string,
  unlockKey: string | undefined,
  work: (backup: OpenBackup) => Promise<T>,
): Promise<T> {
  return withSpool(async asTaken => {
    const backup = await openBackup(path, asTaken)
    await checkContents(backup)
    return withSpool(async open => work(await unlocked(backup, unlockKey, open)))
  })
}
