import { expand } from '../../domain/ranges.ts'
import { baselineWithout } from '../../domain/swarm/baseline.ts'
import { howToFinish, type UpgradeOptions } from '../../domain/upgrade/record.ts'
import { precheckError } from '../../errors.ts'
import { type Answer, failedOf, fanOut } from '../../hosts/fan-out.ts'
import type { Host } from '../../hosts/host.ts'
import { readWorkload } from '../../queries/read-workload.ts'
import type { Fleet } from '../fleet.ts'
import { readMembers } from '../swarm/select-nodes.ts'
import { unlockKeyOf } from '../swarm/unlock-key.ts'
import { NodeUpgrade } from './node.ts'
import {
  assertSaved,
  isOut,
  lastRecorded,
  managerBeside,
  readUpgrade,
  recordWaiting,
  removeRecords,
  saveRecords,
  type UpgradeSnapshot,
  type UpgradeTarget,
} from './records.ts'
import { continueUpgrade, type UpgradeResult, type UpgradeRunOptions } from './run.ts'

/**
 * Resumes an interrupted upgrade, wherever it was started. The records in the swarm tell what nodes were, what was
 * degraded then, and what is to be done; what nodes are is read anew.
 * @param change options that differ from those that the upgrade was started with
 * @throws a precheck error when no upgrade is unfinished, or when it is being aborted
 */
export async function resumeUpgrade(
  fleet: Fleet,
  change: Partial<UpgradeOptions>,
  options: UpgradeRunOptions,
): Promise<UpgradeResult> {
  const snapshot = await readUnfinished(fleet)
  assertNotAborting(snapshot)
  const { degraded } = snapshot.targets[0].record
  const before = baselineWithout(degraded, await readWorkload(snapshot.manager.host, fleet.signal))
  await saveChanged(fleet, snapshot, change)
  if (snapshot.targets.every(({ record }) => record.state === 'waiting')) await recordMissing(fleet, snapshot)
  return continueUpgrade(fleet, before, options)
}

/** An abort may have removed records already, and a resume would take their nodes for ones that were never recorded. */
function assertNotAborting({ targets }: UnfinishedUpgrade): void {
  const records = targets.map(({ record }) => record)
  if (!records.some(({ isAborting }) => isAborting)) return
  throw precheckError('given-up', 'the upgrade is being aborted and cannot be resumed', {
    hint: `${howToFinish(records)}; after that, start the upgrade again`,
  })
}

async function saveChanged(
  fleet: Fleet,
  { manager, targets }: UpgradeSnapshot,
  change: Partial<UpgradeOptions>,
): Promise<void> {
  if (Object.keys(change).length === 0) return
  const changed = targets.map(target => {
    const { record } = target
    return { ...target, record: { ...record, options: { ...record.options, ...change } } }
  })
  assertSaved(await saveRecords(fleet, manager.host, changed))
}

/** As long as no node was taken out, the run may have been interrupted before it had recorded all of them. */
async function recordMissing(fleet: Fleet, snapshot: UnfinishedUpgrade): Promise<void> {
  const { machines, targets } = snapshot
  const [first] = targets
  const { all } = first.record
  if (targets.some(({ name }) => name === lastRecorded(all))) return
  const missing = new Set(expand(all, 'host'))
  for (const { name } of targets) missing.delete(name)
  const selected = machines.filter(({ name }) => missing.has(name))
  if (selected.length > 0)
    await recordWaiting(fleet, await readMembers(fleet, snapshot, selected), first.record)
}

/**
 * Aborts an upgrade: the nodes that are out come back as what they were, and the others are left alone. Changes to a
 * machine are not undone. Nodes come back one at a time, and a failure does not stop the others: returning nodes only add
 * managers, and the quorum is checked before each of them.
 * @returns one answer per node; failures can be retried with another abort
 * @throws a precheck error when no upgrade is unfinished
 */
export async function abortUpgrade(fleet: Fleet, { timeoutMs }: UpgradeRunOptions): Promise<Answer<void>[]> {
  const snapshot = await readUnfinished(fleet)
  const { manager, managers } = snapshot
  const unlockKey = await unlockKeyOf(snapshot.manager.host, fleet.signal)
  const recorded = await recordAbort(fleet, snapshot)
  const unrecorded = failedOf(recorded)
  const targets = recorded.flatMap(answer => (answer.ok ? [answer.value] : []))
  // No record may be removed before all of them tell of the abort.
  const remove = async (host: Host, which: readonly UpgradeTarget[]) =>
    unrecorded.length === 0 ? removeRecords(fleet, host, which) : []
  const untouched = await remove(
    manager.host,
    targets.filter(target => !isOut(target)),
  )
  const restore = async (target: UpgradeTarget) => {
    await new NodeUpgrade(fleet, target, { managers, unlockKey, timeoutMs }).run()
    const beside = await managerBeside(fleet, managers, target.name)
    for (const answer of await remove(beside.host, [target])) if (!answer.ok) throw answer.error
  }
  const options = { concurrency: 1, signal: fleet.signal }
  return [...unrecorded, ...untouched, ...(await fanOut(targets.filter(isOut), restore, options))]
}

/** Records the abort in the swarm before the first record is removed: a resume would misread those that are left. */
function recordAbort(
  fleet: Fleet,
  { manager, targets }: UnfinishedUpgrade,
): Promise<Answer<UpgradeTarget>[]> {
  const aborting = targets.map(target => ({ ...target, record: { ...target.record, isAborting: true } }))
  return saveRecords(fleet, manager.host, aborting)
}

/** A snapshot with at least one target. */
interface UnfinishedUpgrade extends UpgradeSnapshot {
  readonly targets: readonly [UpgradeTarget, ...UpgradeTarget[]]
}

async function readUnfinished(fleet: Fleet): Promise<UnfinishedUpgrade> {
  const snapshot = await readUpgrade(fleet)
  const [first, ...others] = snapshot.targets
  if (first) return { ...snapshot, targets: [first, ...others] }
  throw precheckError('no-upgrade', `no upgrade of ${fleet.cluster} is unfinished`, {
    hint: 'belt upgrade managers or belt upgrade workers starts one',
  })
}
