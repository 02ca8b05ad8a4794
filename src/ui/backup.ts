import { inventoryInWords } from '../domain/inventory.ts'
import { foldShort } from '../domain/ranges.ts'
import { line } from '../domain/shown.ts'
import type { BackupMade } from '../operations/backup/back-up.ts'
import type { BackupPlan } from '../operations/backup/plan.ts'
import type { Restored } from '../operations/backup/restore.ts'
import type { RestorePlan } from '../operations/backup/restore-plan.ts'
import type { BackupVerified } from '../operations/backup/verify.ts'

/** What the backup will do. */
export function backupPlanText({ source, tasks, outage }: BackupPlan): string {
  const { name } = source.machine
  const costs = [
    tasks > 0 ? `${taskCount(tasks)} on it will stop, and may move to other nodes` : 'no tasks run on it',
    ...(outage ? ['the swarm makes no decisions meanwhile'] : []),
  ]
  return line`Docker Engine on ${name} will be stopped for a few seconds: ${costs.join('; ')}`
}

/** A completed backup. */
export function backupText({ file, manifest }: BackupMade): string {
  const { node, contents, autolock } = manifest
  const key = autolock
    ? 'Restoring it requires the current unlock key, which the file does not contain: store the key elsewhere.\n'
    : ''
  return line`${file}: ${inventoryInWords(contents)}, from ${node.name} (${node.address})
It contains the key of the CA, the join tokens and all secrets: keep it safe and private.
`.concat(key, line`Test it now: belt swarm backup verify ${file}\n`)
}

/** A backup that was restored as a test. */
export function verifiedText({ file, manifest, contents }: BackupVerified): string {
  const kinds = (['services', 'secrets', 'configs', 'networks'] as const).map(
    kind => line`${kind}: ${contents[kind].join(', ') || 'none'}\n`,
  )
  return line`${file}: OK; the backup of ${manifest.cluster} from ${manifest.createdAt} was restored completely\n`.concat(
    ...kinds,
  )
}

/** What the restore will do. */
export function restorePlanText({ machine, manifest, alias, done, off }: RestorePlan): string {
  const { node, clusterId, contents } = manifest
  if (done)
    return line`${machine.name} already manages the swarm ${clusterId}; its contents will be compared with the backup`
  return [
    line`the swarm ${clusterId} of ${manifest.cluster} will be restored from ${manifest.createdAt} on ${node.name}: ${inventoryInWords(contents)}`,
    line`${machine.name} will be its only manager, at ${node.address}${alias ? ' (added to the machine until its next boot)' : ''}`,
    line`the current swarm state of ${machine.name} will be moved aside, and its containers will stop`,
    'changes since the backup will be lost, and autolock will be off',
    ...(off.length > 0 ? [line`do not start ${foldShort(off)} with their old state of this swarm`] : []),
  ].join('\n')
}

/** The plan of a restore, as `--json` prints it. */
export function restorePlanAsJson({ machine, manifest, alias, done, off }: RestorePlan): object {
  const { node, clusterId, createdAt, contents } = manifest
  return {
    node: machine.name,
    clusterId,
    address: node.address,
    alias,
    changes: !done,
    off,
    createdAt,
    contents,
  }
}

/** The question before a restore. */
export function restoreQuestion({ machine }: RestorePlan, cluster: string): string {
  return `Restore the swarm of ${cluster} on ${machine.name}?`
}

/** A restore as `--json` prints it. */
export type RestoredDocument = Omit<Restored, 'contentsError'>

export function restoredAsJson({ contentsError: _, ...restored }: Restored): RestoredDocument {
  return restored
}

/** A restored swarm, and the next steps. */
export function restoredText(restored: Restored, { alias, manifest }: RestorePlan): string {
  const { node, contents, aside, address, changed } = restored
  const others = manifest.managers.filter(({ id }) => id !== manifest.node.id)
  const next = [
    'check the swarm: belt swarm status (workers return within a minute)',
    ...(others.length > 0
      ? [
          line`remove the old managers: belt swarm remove --unreachable ${others.map(({ id }) => id).join(' ')}`,
        ]
      : []),
    line`add managers, one at a time: belt swarm join --manager ${node} NODES`,
    ...(alias
      ? [
          line`once there are three other managers, and before ${node} reboots, let it join anew at its own address: belt swarm remove ${node}, belt exec ${node} -- ip addr del ${address}/32 dev lo, belt swarm join --manager MANAGER ${node}`,
        ]
      : []),
    'rotate the join tokens, because the backup contains them: belt swarm token worker --rotate, belt swarm token manager --rotate',
    'make a new backup: belt swarm backup',
  ]
  const was = aside ? line`the previous state was moved to ${aside}\n` : ''
  const how = changed ? 'restored' : 'already restored'
  const what = contents ? `with ${inventoryInWords(contents)}` : 'contents not known yet'
  return line`${node}: ${how}, ${what}\n`.concat(was, 'Next:\n', ...next.map(step => `  ${step}\n`))
}

function taskCount(tasks: number): string {
  return tasks === 1 ? '1 task' : `${tasks} tasks`
}
