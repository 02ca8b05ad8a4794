import type { Fleet } from '../fleet.ts'
import { type Restored, restore } from './restore.ts'
import { planRestore, type RestoreOptions, type RestorePlan } from './restore-plan.ts'
import { withBackup } from './use.ts'

export interface RestoreRequest {
  /** The backup's file. */
  readonly path: string
  /** The unlock key of a swarm with autolock; a secret. */
  readonly unlockKey: string | undefined
  readonly options: RestoreOptions
}

/**
 * Checks a backup, and plans its restore. Changes nothing.
 * @throws as `withBackup` and `planRestore`
 */
export function planRestoreOf(fleet: Fleet, request: RestoreRequest): Promise<RestorePlan> {
  return withBackup(request.path, request.unlockKey, ({ manifest }) =>
    planRestore(fleet, manifest, request.options),
  )
}

/**
 * Restores a swarm from a backup file.
 * @param confirm called with the plan before anything is changed; throws to cancel
 * @throws as `withBackup`, `planRestore` and `restore`
 */
export function restoreSwarm(
  fleet: Fleet,
  request: RestoreRequest,
  confirm: (plan: RestorePlan) => Promise<void>,
): Promise<{ plan: RestorePlan; restored: Restored }> {
  return withBackup(request.path, request.unlockKey, async backup => {
    const plan = await planRestore(fleet, backup.manifest, request.options)
    await confirm(plan)
    return { plan, restored: await restore(fleet, plan, backup) }
  })
}
