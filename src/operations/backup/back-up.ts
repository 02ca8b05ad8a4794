import { resolve } from 'node:path'
import { BACKUP_FORMAT, type BackupManifest } from '../../domain/backup-manifest.ts'
import { heldThroughout, type Inventory } from '../../domain/inventory.ts'
import { BeltError, reasonOf } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import { readInventory } from '../../queries/inventory.ts'
import { readSettings } from '../../queries/swarm-settings.ts'
import { retry } from '../../retry.ts'
import { type Spool, withSpool } from '../../spool.ts'
import type { Fleet } from '../fleet.ts'
import { readUnlockKey } from '../swarm/unlock-key.ts'
import { checkContents } from './contents.ts'
import { assertWritable, fingerprintOf, type OpenBackup, writeBackup } from './file.ts'
import { type BackupPlan, planBackup } from './plan.ts'
import { snapshotState } from './snapshot-state.ts'

/** Long enough for the managers to elect a leader. */
const READ_DEADLINE_MS = 30_000
const READ_POLL_MS = 1000

export interface BackupRequest {
  /** The new file; by default, one in the current folder that is named after the cluster and the time. */
  readonly path: string | undefined
  /** Whether the swarm may make no decisions while the engine is stopped. */
  readonly allowOutage: boolean
}

/** A new backup. */
export interface BackupMade {
  readonly file: string
  readonly manifest: BackupManifest
}

/**
 * Backs up the state of a swarm to a new file.
 * @param onPlan is given the plan right before the engine is stopped, after all checks
 * @throws a usage error if the file cannot be created; as `planBackup` and `backUp`
 */
export async function backUpSwarm(
  fleet: Fleet,
  { path, allowOutage }: BackupRequest,
  onPlan: (plan: BackupPlan) => void,
): Promise<BackupMade> {
  const file = resolve(path ?? backupName(fleet.cluster, new Date()))
  await assertWritable(file)
  const plan = await planBackup(fleet, allowOutage)
  return { file, manifest: await backUp(fleet, plan, file, { onStop: () => onPlan(plan) }) }
}

/** Such as `prod-20260301T080000Z.belt-backup`: one name per second, in the order of time. */
export function backupName(cluster: string, moment: Date): string {
  return `${cluster}-${moment.toISOString().replace(/\.\d+|[-:]/g, '')}.belt-backup`
}

/**
 * Creates a backup of a swarm: the state of one manager, whose engine is stopped meanwhile and always started again.
 * @param options `onStop` is called when all checks have passed; `backTimeoutMs` is how long the manager may take to rejoin
 *   (default: the longest time observed)
 * @returns the manifest of the backup
 * @throws if no backup was created, and then there is no file; also if the backup was created but its manager is not
 *   back, and then the hint names the file
 */
export async function backUp(
  fleet: Fleet,
  plan: BackupPlan,
  path: string,
  { onStop, backTimeoutMs }: { onStop?: () => void; backTimeoutMs?: number | undefined } = {},
): Promise<BackupManifest> {
  const { witness } = plan
  const { autolock } = await readSettings(witness.host, fleet.signal)
  const unlockKey = autolock ? await readUnlockKey(witness.host, fleet.signal) : undefined
  const known = { ...(await describe(fleet, plan)), autolock }
  return withSpool(async archive => {
    onStop?.()
    const notBack = await copyState(fleet, plan, unlockKey, archive, backTimeoutMs)
    if (fleet.signal.aborted) throw notBack ?? fleet.signal.reason
    const contents = await stillHeld(fleet, witness.host, known.contents)
    const manifest = { ...known, contents, archive: await fingerprintOf(archive) }
    const backup: OpenBackup = { path, manifest, archive }
    await checkContents(backup)
    await writeBackup(backup)
    if (notBack) throw madeAllTheSame(notBack, path)
    return manifest
  })
}

/** @returns why the manager is not back in the swarm; undefined if it is */
async function copyState(
  fleet: Fleet,
  { source, witness }: BackupPlan,
  unlockKey: string | undefined,
  archive: Spool,
  backTimeoutMs?: number,
): Promise<BeltError | undefined> {
  const { name } = source.machine
  const task = fleet.progress.start(`Copying the state of ${name}, with its engine stopped`)
  try {
    const from = { host: fleet.host(source.machine), witness: witness.host, unlockKey }
    const notBack = await snapshotState(from, archive.write(), { backTimeoutMs, clock: fleet.clock })
    if (notBack) task.fail(`copied, but ${notBack.message}`)
    else task.done()
    return notBack
  } catch (error) {
    task.fail('no backup was created')
    throw error
  }
}

function madeAllTheSame(notBack: BeltError, path: string): BeltError {
  const { code, message, hint, host, details } = notBack
  const made = `the backup was created anyway: ${path}`
  return new BeltError(code, message, {
    hint: hint ? `${hint}; ${made}` : made,
    ...(host && { host }),
    details: { ...details, file: path },
    cause: notBack,
  })
}

/** Contents that were created or removed during the copy may or may not be in it, so the manifest leaves them out. */
async function stillHeld(fleet: Fleet, witness: Host, before: Inventory): Promise<Inventory> {
  const { signal, clock } = fleet
  try {
    const read = () => readInventory(witness, signal)
    return heldThroughout(
      before,
      await retry(read, { deadlineMs: READ_DEADLINE_MS, everyMs: READ_POLL_MS, signal, clock }),
    )
  } catch (error) {
    signal.throwIfAborted()
    fleet.progress.note(
      `the contents of the swarm could not be read again: the backup may list what was removed meanwhile (${reasonOf(error)})`,
    )
    return before
  }
}

async function describe(
  fleet: Fleet,
  { source, witness, nodes }: BackupPlan,
): Promise<Omit<BackupManifest, 'archive' | 'autolock'>> {
  const { node, machine } = source
  const managers = nodes.filter(({ reachability }) => reachability !== undefined)
  return {
    format: BACKUP_FORMAT,
    createdAt: new Date().toISOString(),
    cluster: fleet.cluster,
    clusterId: witness.clusterId,
    engineVersion: node.engineVersion,
    node: { id: node.id, name: machine.name, address: node.address },
    managers: managers.map(({ id, hostname, address }) => ({ id, hostname, address })),
    contents: await readInventory(witness.host, fleet.signal),
  }
}
