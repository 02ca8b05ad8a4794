import type { Fleet } from '../fleet.ts'
import { readUnlockKeyFile } from '../swarm/unlock-key.ts'
import type { OpenBackup } from './file.ts'
import { type Restored, restore } from './restore.ts'
import { planRestore, type RestoreOptions, type RestorePlan } from './restore-plan.ts'
import { withBackup } from './use.ts'

export interface RestoreRequest {
  /** The backup's file. */
  readonly path: string
  /** The file with the unlock key of a swarm with autolock. */
  readonly unlockKeyFile: string | undefined
  readonly options: RestoreOptions
}

/**
 * Checks a backup, and plans its restore. Changes nothing.
 * @throws as `readUnlockKeyFile`, `withBackup` and `planRestore`
 */
export function planRestoreOf(fleet: Fleet, request: RestoreRequest): Promise<RestorePlan> {
  return withRequested(request, ({ manifest }) => planRestore(fleet, manifest, request.options))
}

/**
 * Restores a swarm from a backup file.
 * @param confirm called with the plan before anything is changed; throws to cancel
 * @throws as `readUnlockKeyFile`, `withBackup`, `planRestore` and `restore`
 */
export function restoreSwarm(
  fleet: Fleet,
  request: RestoreRequest,
  confirm: (plan: RestorePlan) => Promise<void>,
): Promise<{ plan: RestorePlan; restored: Restored }> {
  return withRequested(request, async backup => {
    const plan = await planRestore(fleet, backup.manifest, request.options)
    await confirm(plan)
    return { plan, restored: await restore(fleet, plan, backup) }
  })
}

async function withRequested<T>(
  { path, unlockKeyFile }: RestoreRequest,
  work: (backup: OpenBackup) => Promise<T>,
): Promise<T> {
  return withBackup(path, await readUnlockKeyFile(unlockKeyFile), work)
}
