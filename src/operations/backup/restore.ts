import type { BackupManifest } from '../../domain/backup-manifest.ts'
import { type Inventory, inventoryDifferences } from '../../domain/inventory.ts'
import { BeltError, ExitCode } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import { retry } from '../../retry.ts'
import { forceNewCluster } from '../../steps/force-new-cluster.ts'
import { ownAddress } from '../../steps/own-address.ts'
import { putState } from '../../steps/put-state.ts'
import { readInventory } from '../../steps/read-swarm.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import type { OpenBackup } from './file.ts'
import { expectUnchanged, type RestorePlan } from './restore-plan.ts'

/** A new leader lists what it holds only when it has read all of it. */
const CONTENTS_TIMEOUT_MS = 30_000
const POLL_MS = 1000

export interface Restored {
  readonly node: string
  readonly clusterId: string
  readonly address: string
  /** False when the machine managed this swarm already. */
  readonly changed: boolean
  readonly contents: Inventory
  /** The folder on the host with what its engine had of a swarm before; undefined when there was nothing. */
  readonly aside: string | undefined
}

/**
 * Makes a swarm of one manager out of a backup, compares what it holds with the manifest, and makes the machine the
 * active host. All is asked once more before. Safe to run again, wherever it was broken off.
 * @throws `other-contents` when the swarm that runs afterwards holds something else
 */
export async function restore(fleet: Fleet, plan: RestorePlan, backup: OpenBackup): Promise<Restored> {
  const { machine, manifest, done } = plan
  await expectUnchanged(fleet, plan)
  const aside = done ? undefined : await bringUp(fleet, plan, backup)
  await fleet.activeHost.set(machine.name)
  const contents = await compare(fleet.host(machine), manifest, done, fleet.signal)
  const { clusterId, node } = manifest
  return { node: machine.name, clusterId, address: node.address, changed: !done, contents, aside }
}

/** @returns the folder of what was there before */
async function bringUp(fleet: Fleet, plan: RestorePlan, backup: OpenBackup): Promise<string | undefined> {
  const { machine, manifest } = plan
  const host = fleet.host(machine)
  const { address } = manifest.node
  const task = fleet.progress.start(`Restoring the swarm on ${machine.name}`)
  try {
    if (plan.alias) await perform(ownAddress(host, address, fleet.signal))
    task.update('handing over the state')
    const state = { archive: backup.archive, sha256: backup.manifest.archive.sha256 }
    const aside = await putState(host, state, fleet.signal)
    task.update('making a cluster of it')
    await perform(forceNewCluster(host, { address, clusterId: manifest.clusterId }, fleet.signal))
    task.done()
    return aside
  } catch (error) {
    task.fail('the swarm does not run yet')
    throw error
  }
}

async function compare(
  host: Host,
  { contents }: BackupManifest,
  hadRun: boolean,
  signal: AbortSignal,
): Promise<Inventory> {
  const look = async () => {
    const found = await readInventory(host, signal)
    const differences = inventoryDifferences(contents, found)
    if (differences.length === 0) return found
    throw new BeltError(
      'other-contents',
      `the swarm on ${host.name} does not hold what the backup says: ${differences.join('; ')}`,
      {
        host: host.name,
        exitCode: hadRun ? ExitCode.precheck : ExitCode.failed,
        hint: hadRun
          ? `it ran before, and nothing was changed; to go back to the backup: belt swarm leave ${host.name} --force, then restore again`
          : 'it runs, and what is there works; an older or newer backup may hold the rest',
        details: { differences },
      },
    )
  }
  return retry(look, { deadlineMs: hadRun ? 0 : CONTENTS_TIMEOUT_MS, everyMs: POLL_MS, signal })
}
