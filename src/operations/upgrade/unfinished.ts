import { baselineWithout } from '../../domain/health-baseline.ts'
import { expand } from '../../domain/ranges.ts'
import type { UpgradeOptions } from '../../domain/upgrade/record.ts'
import { precheckError } from '../../errors.ts'
import { type Answer, failedOf, fanOut } from '../../hosts/fan-out.ts'
import type { Host } from '../../hosts/host.ts'
import { sightOf } from '../../waits/await-healthy.ts'
import type { Fleet } from '../fleet.ts'
import { readMembers } from '../swarm/select-nodes.ts'
import { expectKept, lastNoted, noteWaiting } from './begin.ts'
import {
  type Charge,
  forgetRecords,
  isTakenOut,
  keepRecords,
  managerBeside,
  readScene,
  type UpgradeScene,
} from './charges.ts'
import { NodeUpgrade } from './node-upgrade.ts'
import { continueUpgrade, type RunOptions, type UpgradeResult } from './run.ts'
import { GO_BACK } from './stopped.ts'
import { keyOf } from './upgrade-wave.ts'

/**
 * Goes on with an upgrade that was interrupted, wherever it was begun. What nodes are is read anew; what they were, what
 * was not well then, and what is to be done is what the swarm has kept.
 * @param change what is to be done otherwise than it was begun
 * @throws a precheck error when there is none, or when it is being given up
 */
export async function resumeUpgrade(
  fleet: Fleet,
  change: Partial<UpgradeOptions>,
  options: RunOptions,
): Promise<UpgradeResult> {
  const scene = await unfinished(fleet)
  refuseGivenUp(scene)
  const { degraded } = scene.charges[0].record
  const before = baselineWithout(degraded, await sightOf(scene.manager.host, fleet.signal))
  await keepChanged(fleet, scene, change)
  if (scene.charges.every(({ record }) => record.state === 'waiting')) await noteMissing(fleet, scene)
  return continueUpgrade(fleet, before, options)
}

/** Of an upgrade that is being given up records are gone: its nodes would be taken for ones that were never noted. */
function refuseGivenUp({ charges }: Unfinished): void {
  if (!charges.some(({ record }) => record.isGivenUp)) return
  throw precheckError('given-up', 'the upgrade is being given up, and cannot be resumed any more', {
    hint: `${GO_BACK}; then it can be begun anew`,
  })
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
  const { all } = first.record
  if (charges.some(({ name }) => name === lastNoted(all))) return
  const missing = new Set(expand(all))
  for (const { name } of charges) missing.delete(name)
  const selected = machines.filter(({ name }) => missing.has(name))
  if (selected.length > 0) await noteWaiting(fleet, await readMembers(fleet, selected), first.record)
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
  const { manager, managers } = scene
  const unlockKey = await keyOf(fleet, scene)
  const noted = await noteGivenUp(fleet, scene)
  const unnoted = failedOf(noted)
  const charges = noted.flatMap(answer => (answer.ok ? [answer.value] : []))
  /** Before all are noted as given up, none is forgotten. */
  const forget = async (host: Host, which: readonly Charge[]) =>
    unnoted.length === 0 ? forgetRecords(fleet, host, which) : []
  const spared = await forget(
    manager.host,
    charges.filter(charge => !isTakenOut(charge)),
  )
  const back = async (charge: Charge) => {
    await new NodeUpgrade(fleet, charge, { managers, unlockKey, timeoutMs }).back()
    const beside = await managerBeside(fleet, managers, charge.name)
    for (const answer of await forget(beside.host, [charge])) if (!answer.ok) throw answer.error
  }
  const options = { concurrency: 1, signal: fleet.signal }
  return [...unnoted, ...spared, ...(await fanOut(charges.filter(isTakenOut), back, options))]
}

/** Has the swarm know that the upgrade is given up, before the first record is gone: a resume would misread the rest. */
function noteGivenUp(fleet: Fleet, { manager, charges }: Unfinished): Promise<Answer<Charge>[]> {
  const given = charges.map(charge => ({ ...charge, record: { ...charge.record, isGivenUp: true } }))
  return keepRecords(fleet, manager.host, given)
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
