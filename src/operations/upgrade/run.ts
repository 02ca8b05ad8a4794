import type { Baseline } from '../../domain/health-baseline.ts'
import { reasonOf } from '../../errors.ts'
import { type Failure, failedOf } from '../../hosts/fan-out.ts'
import { awaitHealthy } from '../../waits/await-healthy.ts'
import type { Fleet } from '../fleet.ts'
import { findManager } from '../swarm/find-manager.ts'
import { assertSpareManager, groupOf } from '../swarm/quorum-guard.ts'
import { forgetRecords, pendingOf, readScene, type UpgradeScene } from './charges.ts'
import { stoppedBetween } from './stopped.ts'
import { upgradeWave } from './upgrade-wave.ts'
import { nextWave, type Wave } from './wave.ts'

/** Longer than an election, and than the time until the managers take a node for down or back. */
const HEALTH_TIMEOUT_MS = 180_000

/** What became of an upgrade. */
export interface UpgradeResult {
  readonly upgraded: readonly string[]
  /** Also those that are upgraded, and whose records the swarm still keeps. */
  readonly failures: readonly Failure[]
  /** Those that were not begun with, because others failed. */
  readonly left: readonly string[]
}

export interface RunOptions {
  /** The deadline of each wait; by its kind unless told. */
  readonly timeoutMs?: number | undefined
  readonly onUpgraded?: (name: string) => void
}

/**
 * Goes on with the upgrade that the swarm keeps records of, until there are none: those first that were taken out
 * already, then managers one by one, the leader last, or workers in waves. Before others go, and at the end, the swarm
 * must be as well as it was before; the first failure ends the run.
 * @throws what ends it between two nodes, with how to go on
 */
export async function continueUpgrade(
  fleet: Fleet,
  before: Baseline,
  options: RunOptions,
): Promise<UpgradeResult> {
  const upgraded: string[] = []
  try {
    return await goOn(fleet, before, options, upgraded)
  } catch (error) {
    throw stoppedBetween(upgraded, error)
  }
}

/** @param upgraded gets the names of those that are done */
async function goOn(
  fleet: Fleet,
  before: Baseline,
  options: RunOptions,
  upgraded: string[],
): Promise<UpgradeResult> {
  for (;;) {
    const scene = await wellScene(fleet, before, options)
    const wave = await nextWave(fleet, scene)
    if (!wave) return await forgetAll(fleet, scene, upgraded)
    refuseOutageOf(scene, wave)
    const answers = await upgradeWave(fleet, scene, wave, options)
    for (const { host, ok } of answers) {
      if (!ok) continue
      upgraded.push(host)
      options.onUpgraded?.(host)
    }
    const failures = failedOf(answers)
    if (failures.length > 0) {
      const left = pendingOf(scene)
        .filter(charge => !wave.charges.includes(charge))
        .map(({ name }) => name)
      return { upgraded, failures, left }
    }
  }
}

/** The swarm before others go: as well as it was, unless some are out, who come back first. */
async function wellScene(fleet: Fleet, before: Baseline, { timeoutMs }: RunOptions): Promise<UpgradeScene> {
  const scene = await readScene(fleet)
  if (pendingOf(scene).some(({ record }) => record.state !== 'waiting')) return scene
  await expectHealthy(fleet, scene, before, timeoutMs)
  return readScene(fleet)
}

/** Managers may have been lost since the upgrade was begun. */
function refuseOutageOf({ nodes }: UpgradeScene, { charges }: Wave): void {
  const leaving = charges.filter(
    ({ node, record }) =>
      record.state !== 'done' && node.role === 'manager' && node.reachability !== undefined,
  )
  if (leaving.some(({ record }) => !record.options.allowOutage)) assertSpareManager(groupOf(nodes))
}

async function forgetAll(
  fleet: Fleet,
  { manager, charges }: UpgradeScene,
  upgraded: string[],
): Promise<UpgradeResult> {
  const failures = failedOf(await forgetRecords(fleet, manager.host, charges))
  fleet.signal.throwIfAborted()
  return { upgraded, failures, left: [] }
}

/** Waits until the swarm is as well as it was. */
export async function expectHealthy(
  fleet: Fleet,
  { managers }: UpgradeScene,
  before: Baseline,
  timeoutMs = HEALTH_TIMEOUT_MS,
): Promise<void> {
  const task = fleet.progress.start('Waiting until the swarm is well')
  try {
    await awaitHealthy(async () => (await findManager(fleet, managers)).host, before, {
      deadlineMs: timeoutMs,
      signal: fleet.signal,
      onWait: what => task.update(what),
    })
    task.done()
  } catch (error) {
    task.fail(reasonOf(error))
    throw error
  }
}
