import { baselineBut } from '../../domain/health-baseline.ts'
import { expand } from '../../domain/ranges.ts'
import type { UpgradeOptions } from '../../domain/upgrade-record.ts'
import { precheckError } from '../../errors.ts'
import { type Answer, fanOut } from '../../hosts/fan-out.ts'
import { sightOf } from '../../steps/await-healthy.ts'
import type { Fleet } from '../fleet.ts'
import { viewSwarm } from '../swarm/members.ts'
import { expectKept, noteWaiting } from './begin.ts'
import {
  type Charge,
  forgetRecords,
  keepRecords,
  managerBeside,
  readScene,
  type UpgradeScene,
} from './charges.ts'
import { NodeUpgrade } from './node-upgrade.ts'
import { continueUpgrade, type RunOptions, type UpgradeResult } from './run.ts'
import { keyOf } from './upgrade-wave.ts'

/**
 * Goes on with an upgrade that was interrupted, wherever it was begun. What nodes are is read anew; what they were, what
 * was not well then, and what is to be done is what the swarm has kept.
 * @param change what is to be done otherwise than it was begun
 * @throws a precheck error when there is none
 */
export async function resumeUpgrade(
  fleet: Fleet,
  change: Partial<UpgradeOptions>,
  options: RunOptions,
): Promise<UpgradeResult> {
  const scene = await unfinished(fleet)
  const { ailing } = scene.charges[0].record
  const before = baselineBut(ailing, await sightOf(scene.manager.host, fleet.signal))
  await keepChanged(fleet, scene, change)
  if (scene.charges.every(({ record }) => record.state === 'waiting')) await noteMissing(fleet, scene)
  return continueUpgrade(fleet, before, options)
}

async function keepChanged(
  fleet: Fleet,
  { manager, charges }: UpgradeScene,
  change: Partial<UpgradeOptions>,
): Promise<void> {
  if (Object.keys(change).length === 0) return
  const changed = charges.map(charge => {
    const { record } = charge
    return { ...charge, record: { ...record, options: { ...record.options, ...change } } }
  })
  expectKept(await keepRecords(fleet, manager.host, changed))
}

/** Where no node was touched yet, the run may have been interrupted before all of them were noted. */
async function noteMissing(fleet: Fleet, { machines, charges }: Unfinished): Promise<void> {
  const [first] = charges
  const missing = new Set(expand(first.record.all))
  for (const { name } of charges) missing.delete(name)
  const selected = machines.filter(({ name }) => missing.has(name))
  if (selected.length > 0) await noteWaiting(fleet, await viewSwarm(fleet, selected), first.record)
}

/**
 * Gives an upgrade up: the nodes that are out come back as what they were, and nothing more is done to the others.
 * What was done to a machine stays done. They come back one by one, and one that does not keeps no other: that only adds
 * managers, and the quorum is asked before each.
 * @returns what became of each node; it can be run again for those that failed
 * @throws a precheck error when there is no upgrade
 */
export async function abortUpgrade(fleet: Fleet, { timeoutMs }: RunOptions): Promise<Answer<void>[]> {
  const scene = await unfinished(fleet)
  const { manager, managers, charges } = scene
  const unlockKey = await keyOf(fleet, scene)
  const waiting = charges.filter(({ record }) => record.state === 'waiting')
  // First: where only these are left, a resume takes the others for nodes that were never noted.
  const spared = await forgetRecords(fleet, manager.host, waiting)
  const back = async (charge: Charge) => {
    const { state } = charge.record
    if (state !== 'finished') await new NodeUpgrade(fleet, charge, { managers, unlockKey, timeoutMs }).back()
    const beside = await managerBeside(fleet, managers, charge.name)
    const [forgotten] = await forgetRecords(fleet, beside.host, [charge])
    if (forgotten && !forgotten.ok) throw forgotten.error
  }
  const touched = charges.filter(charge => !waiting.includes(charge))
  return [...spared, ...(await fanOut(touched, back, { concurrency: 1, signal: fleet.signal }))]
}

/** A scene with an upgrade. */
interface Unfinished extends UpgradeScene {
  readonly charges: readonly [Charge, ...Charge[]]
}

async function unfinished(fleet: Fleet): Promise<Unfinished> {
  const scene = await readScene(fleet)
  const [first, ...others] = scene.charges
  if (first) return { ...scene, charges: [first, ...others] }
  throw precheckError('no-upgrade', `no upgrade of ${fleet.cluster} is unfinished`, {
    hint: 'belt upgrade managers, or belt upgrade workers, begins one',
  })
}
