import type { BackupManifest } from '../domain/backup-manifest.ts'
import { type Inventory, inventoryInWords } from '../domain/inventory.ts'
import { foldShort } from '../domain/ranges.ts'
import type { BackupPlan } from '../operations/backup/plan.ts'
import type { Restored } from '../operations/backup/restore.ts'
import type { RestorePlan } from '../operations/backup/restore-plan.ts'

/** What a backup is about to do. */
export function backupPlanText({ source, tasks, outage }: BackupPlan): string {
  const { name } = source.machine
  const costs = [
    tasks > 0 ? `${tasks} tasks on it stop, and may move to other nodes` : 'no tasks run on it',
    ...(outage ? ['the swarm takes no decisions meanwhile'] : []),
  ]
  return `the engine of ${name} is stopped for some seconds: ${costs.join('; ')}`
}

/** A backup that was made. */
export function backupText(file: string, manifest: BackupManifest): string {
  const { node, contents, autolock } = manifest
  const key = autolock
    ? 'It can be used only with the unlock key of now, which is not in it: keep that too, elsewhere.\n'
    : ''
  return `${file}: ${inventoryInWords(contents)}, from ${node.name} (${node.address})
It holds the key of the CA, the join tokens and all secrets: keep it safe, and out of reach of others.
${key}Try it now: belt swarm backup verify ${file}\n`
}

/** A backup that was restored for a test. */
export function verifiedText(file: string, manifest: BackupManifest, contents: Inventory): string {
  const kinds = (['services', 'secrets', 'configs', 'networks'] as const).map(
    kind => `${kind}: ${contents[kind].join(', ') || 'none'}\n`,
  )
  return `${file}: good; made ${manifest.createdAt} of ${manifest.cluster}, and restored with all it holds\n${kinds.join('')}`
}

/** What a restore is about to do. */
export function restorePlanText({ machine, manifest, alias, done, off }: RestorePlan): string {
  const { node, clusterId, contents } = manifest
  if (done) return `${machine.name} manages the swarm ${clusterId} already; what it holds is compared`
  return [
    `the swarm ${clusterId} of ${manifest.cluster}, as it was ${manifest.createdAt} on ${node.name}: ${inventoryInWords(contents)}`,
    `its only manager becomes ${machine.name}, at ${node.address}${alias ? ', which is added to it until its next start' : ''}`,
    `what the engine of ${machine.name} has of a swarm is moved aside; its containers stop`,
    'what was changed since the backup is lost; autolock is off afterwards',
    ...(off.length > 0 ? [`${foldShort(off)} must not start with what they had of this swarm`] : []),
  ].join('\n')
}

/** The same as `--json` prints it. */
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

/** What the user is asked before a swarm is restored. */
export function restoreQuestion({ machine }: RestorePlan, cluster: string): string {
  return `Restore the swarm of ${cluster} on ${machine.name}?`
}

/** A restore as `--json` prints it. */
export type RestoredDocument = Omit<Restored, 'contentsError'>

export function restoredAsJson({ contentsError: _, ...restored }: Restored): RestoredDocument {
  return restored
}

/** A swarm that was restored, and what is left to do. */
export function restoredText(restored: Restored, { alias, manifest }: RestorePlan): string {
  const { node, contents, aside, address, changed } = restored
  const others = manifest.managers.filter(({ id }) => id !== manifest.node.id)
  const next = [
    'look at it: belt swarm status; workers come back by themselves within a minute',
    ...(others.length > 0
      ? [
          `take the old managers off the list: belt swarm remove --unreachable ${others.map(({ id }) => id).join(' ')}`,
        ]
      : []),
    `add managers, one at a time: belt swarm join --manager ${node} NODES`,
    ...(alias
      ? [
          `with three managers let go of ${address}, before ${node} starts again: belt swarm demote ${node}, belt swarm promote ${node}, belt exec ${node} -- ip addr del ${address}/32 dev lo`,
        ]
      : []),
    'whoever had the backup has the join tokens: belt swarm token worker --rotate, belt swarm token manager --rotate',
    'belt swarm backup',
  ]
  const was = aside ? `what was there before is kept in ${aside}\n` : ''
  const how = changed ? 'restored' : 'was restored already'
  const what = contents ? `with ${inventoryInWords(contents)}` : 'with contents that are not known yet'
  return `${node}: ${how}, ${what}\n${was}Next:\n${next.map(line => `  ${line}\n`).join('')}`
}
