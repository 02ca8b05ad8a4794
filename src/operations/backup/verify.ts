import type { BackupManifest } from '../../domain/backup-manifest.ts'
import type { Inventory } from '../../domain/inventory.ts'
import { BeltError, reasonOf } from '../../errors.ts'
import { isolateHost } from '../../steps/isolate-host.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import { createMachines } from '../machines/create.ts'
import { selectMachine } from '../select-machines.ts'
import { readUnlockKeyFile } from '../swarm/unlock-key.ts'
import type { OpenBackup } from './file.ts'
import { restore } from './restore.ts'
import { planRestore } from './restore-plan.ts'
import { withBackup } from './use.ts'

const NAME = 'verify'
/** A machine size that is enough for a manager without tasks. */
const SIZE = '512mb'

/** Provides clusters of local machines that last as long as the work with them. */
export interface ScratchFleets {
  /** Does work with a new cluster. The work has to remove its machines. */
  withNew<T>(work: (scratch: Fleet) => Promise<T>): Promise<T>
  /** Does work with each cluster that a killed run left. A failure is noted and does not stop the others. */
  withLeft(work: (scratch: Fleet) => Promise<void>): Promise<void>
}

export interface VerifyRequest {
  /** The backup's file. */
  readonly file: string
  /** The file with the unlock key of a swarm with autolock. */
  readonly unlockKeyFile: string | undefined
}

/** A backup that was restored completely, and what the restored swarm held. */
export interface BackupVerified {
  readonly file: string
  readonly manifest: BackupManifest
  readonly contents: Inventory
}

/**
 * Restores a backup on a temporary machine, after removing what killed verifications left.
 * @throws as `readUnlockKeyFile`, `withBackup` and `verifyBackup`
 */
export async function verifyBackupFile(
  { file, unlockKeyFile }: VerifyRequest,
  scratchFleets: ScratchFleets,
): Promise<BackupVerified> {
  const unlockKey = await readUnlockKeyFile(unlockKeyFile)
  await scratchFleets.withLeft(removeScratch)
  return withBackup(file, unlockKey, async backup => {
    const contents = await scratchFleets.withNew(scratch => verifyBackup(scratch, backup))
    return { file, manifest: backup.manifest, contents }
  })
}

/**
 * Restores a backup on a temporary machine, which is always removed afterwards.
 * @param scratch a separate cluster without machines
 * @param contentsTimeoutMs how long the swarm may take to list its contents (default: the longest time observed)
 * @returns the contents of the restored swarm, which match the manifest
 */
export async function verifyBackup(
  scratch: Fleet,
  backup: OpenBackup,
  contentsTimeoutMs?: number,
): Promise<Inventory> {
  const contents = await restoreApart(scratch, backup, contentsTimeoutMs).catch(async failure => {
    await removeScratch(scratch).catch(left => scratch.progress.note(inFull(left)))
    throw failure
  })
  await removeScratch(scratch)
  return contents
}

/**
 * The machine is isolated. The managers in the backup are alive and perhaps reachable, and must not meet a copy of one
 * of themselves. The services that it starts must not repeat their work.
 */
async function restoreApart(
  scratch: Fleet,
  backup: OpenBackup,
  contentsTimeoutMs?: number,
): Promise<Inventory> {
  const { failures } = await createMachines(scratch, [{ name: NAME, size: SIZE }])
  if (failures[0]) throw failures[0].error
  const machine = await selectMachine(scratch, NAME)
  await perform(isolateHost(scratch.host(machine), scratch.signal))
  const assumeLost = backup.manifest.managers.map(({ id }) => id)
  const plan = await planRestore(scratch, backup.manifest, { name: NAME, alias: true, assumeLost })
  const { contents, contentsError } = await restore(scratch, plan, backup, contentsTimeoutMs)
  if (contents && !contentsError) return contents
  throw contentsError
}

/**
 * Removes everything that a verification created, even after an interruption.
 * @throws `not-removed` if something is left
 */
export async function removeScratch({ driver, cluster, progress }: Fleet): Promise<void> {
  const outcomes = await driver.destroy(await driver.list(), { progress })
  const failed = outcomes.find(outcome => !outcome.ok)
  if (!failed || failed.ok) return
  throw new BeltError(
    'not-removed',
    `the machine of the verification is still there: ${reasonOf(failed.error)}`,
    {
      hint: `remove it by hand: docker rm --force --volumes $(docker ps -aq --filter label=belt.cluster=${cluster})`,
      cause: failed.error,
    },
  )
}

function inFull(error: unknown): string {
  const hint = error instanceof BeltError ? error.hint : undefined
  return [reasonOf(error), hint].filter(Boolean).join('; ')
}
