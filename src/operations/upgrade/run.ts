import { fold } from '../../domain/ranges.ts'
import { type Baseline, baselineOf, degradationOf } from '../../domain/swarm/baseline.ts'
import type { Machine } from '../../drivers/driver.ts'
import { precheckError, reasonOf } from '../../errors.ts'
import { type Answer, type FailedAnswer, failedOf, fanOut } from '../../hosts/fan-out.ts'
import { holdEngine } from '../../steps/hold-engine.ts'
import { perform } from '../../steps/step.ts'
import { awaitHealthy } from '../../waits/await-healthy.ts'
import type { Fleet } from '../fleet.ts'
import { findManager } from '../swarm/find-manager.ts'
import { managersAmong } from '../swarm/match-nodes.ts'
import { assertSpareManager, groupOf } from '../swarm/quorum-guard.ts'
import type { Member } from '../swarm/select-nodes.ts'
import { failureBetweenNodes } from './failure.ts'
import type { UpgradePlan } from './plan.ts'
import {
  isOut,
  pendingOf,
  readUpgrade,
  recordWaiting,
  removeRecords,
  type UpgradeSnapshot,
} from './records.ts'
import { nextWave, upgradeWave, type Wave } from './wave.ts'

/** Longer than an election, and than managers take to notice that a node is down or back. */
const HEALTH_TIMEOUT_MS = 180_000
/** For the check before the upgrade: after an election a healthy swarm looks degraded for a moment. */
const FIRST_HEALTH_TIMEOUT_MS = 30_000

/** The result of an upgrade. */
export interface UpgradeResult {
  readonly upgraded: readonly string[]
  /** These include nodes that are upgraded, but whose records could not be removed. */
  readonly failures: readonly FailedAnswer[]
  /** The nodes that were not started, because others failed. */
  readonly left: readonly string[]
}

export interface UpgradeRunOptions {
  /** The deadline of each wait; every kind of wait has its own default. */
  readonly timeoutMs?: number | undefined
  readonly onUpgraded?: (name: string) => void
}

/**
 * Runs a planned upgrade. Before the first node is taken out, the swarm stores what every node was and what is to be done.
 * @throws a precheck error when the swarm is degraded: nothing was changed then
 */
export async function beginUpgrade(
  fleet: Fleet,
  plan: UpgradePlan,
  options: UpgradeRunOptions,
): Promise<UpgradeResult> {
  const { view, request, unheld } = plan
  const before = baselineOf(plan.before)
  const names = view.members.map(({ name }) => name)
  const answers = await holdEngines(fleet, unheld)
  const held = answers.filter(({ ok }) => ok).map(({ host }) => host)
  for (const name of held) options.onUpgraded?.(name)
  const failures = failedOf(answers)
  if (names.length === 0 || failures.length > 0) return { upgraded: held, failures, left: names }
  await assertHealthyBefore(fleet, managersAmong(view.machines, view.nodes), before, options)
  await recordWaiting(fleet, view, {
    upgrade: request.upgrade,
    options: request.options,
    by: fleet.lock.holder,
    since: new Date().toISOString(),
    all: fold(names),
    degraded: degradationOf(plan.before),
  })
  const result = await continueUpgrade(fleet, before, options)
  return { ...result, upgraded: [...held, ...result.upgraded] }
}

/** Holds engines at the version that they have; the nodes stay in service. */
function holdEngines(fleet: Fleet, members: readonly Member[]): Promise<Answer<void>[]> {
  const hold = async ({ machine }: Member) => {
    if (machine) await perform(holdEngine(fleet.host(machine), fleet.signal))
  }
  return fanOut(members, hold, { concurrency: fleet.concurrency, signal: fleet.signal })
}

async function assertHealthyBefore(
  fleet: Fleet,
  managers: readonly Machine[],
  before: Baseline,
  { timeoutMs = FIRST_HEALTH_TIMEOUT_MS }: UpgradeRunOptions,
): Promise<void> {
  try {
    await waitUntilHealthy(fleet, managers, before, Math.min(timeoutMs, FIRST_HEALTH_TIMEOUT_MS))
  } catch (error) {
    fleet.signal.throwIfAborted()
    throw precheckError('not-healthy', `the upgrade was not started: ${reasonOf(error)}`, {
      hint: 'belt swarm status shows what is wrong, and how to repair it',
      cause: error,
    })
  }
}

/**
 * Continues the upgrade that the swarm has records of, wave by wave. Before each wave and at the end, the swarm must be as
 * healthy as it was before the upgrade. If a node fails, no further wave starts.
 * @throws whatever stops it between two nodes, with how to finish the upgrade
 */
export async function continueUpgrade(
  fleet: Fleet,
  before: Baseline,
  options: UpgradeRunOptions,
): Promise<UpgradeResult> {
  const upgraded: string[] = []
  try {
    return await runWaves(fleet, before, options, upgraded)
  } catch (error) {
    throw failureBetweenNodes(upgraded, error)
  }
}

/** @param upgraded receives the names of the nodes that are finished */
async function runWaves(
  fleet: Fleet,
  before: Baseline,
  options: UpgradeRunOptions,
  upgraded: string[],
): Promise<UpgradeResult> {
  for (;;) {
    const snapshot = await readBeforeWave(fleet, before, options)
    const wave = await nextWave(fleet, snapshot)
    if (!wave) return await finish(fleet, snapshot, upgraded)
    assertOutageAllowed(snapshot, wave)
    const answers = await upgradeWave(fleet, snapshot, wave, options.timeoutMs)
    for (const { host, ok } of answers) {
      if (!ok) continue
      upgraded.push(host)
      options.onUpgraded?.(host)
    }
    const failures = failedOf(answers)
    if (failures.length > 0) {
      const left = pendingOf(snapshot).filter(target => !wave.targets.includes(target))
      return { upgraded, failures, left: left.map(({ name }) => name) }
    }
  }
}

/** Reads the swarm for the next wave, once it is healthy. Nodes that are out come back first, healthy or not. */
async function readBeforeWave(
  fleet: Fleet,
  before: Baseline,
  { timeoutMs }: UpgradeRunOptions,
): Promise<UpgradeSnapshot> {
  const snapshot = await readAgain(fleet)
  if (snapshot.targets.some(isOut)) return snapshot
  await waitUntilHealthy(fleet, snapshot.managers, before, timeoutMs)
  return readAgain(fleet)
}

/** The wave or the wait before may have taken minutes, in which roles, leader, nodes and machines change. */
function readAgain(fleet: Fleet): Promise<UpgradeSnapshot> {
  fleet.machines.forget()
  return readUpgrade(fleet)
}

/** Managers may have been lost since the upgrade began. */
function assertOutageAllowed({ nodes }: UpgradeSnapshot, { targets }: Wave): void {
  const leaving = targets.filter(
    ({ node, record }) =>
      record.state !== 'done' && node.role === 'manager' && node.reachability !== undefined,
  )
  if (leaving.some(({ record }) => !record.options.allowOutage)) assertSpareManager(groupOf(nodes))
}

async function finish(
  fleet: Fleet,
  { manager, targets }: UpgradeSnapshot,
  upgraded: string[],
): Promise<UpgradeResult> {
  const failures = failedOf(await removeRecords(fleet, manager.host, targets))
  fleet.signal.throwIfAborted()
  return { upgraded, failures, left: [] }
}

/** Waits until the swarm is as healthy as it was. @param managers the machines that may be managers */
async function waitUntilHealthy(
  fleet: Fleet,
  managers: readonly Machine[],
  before: Baseline,
  timeoutMs = HEALTH_TIMEOUT_MS,
): Promise<void> {
  const task = fleet.progress.start('Waiting for the swarm to become healthy')
  try {
    await awaitHealthy(async () => (await findManager(fleet, managers)).host, before, {
      deadlineMs: timeoutMs,
      signal: fleet.signal,
      clock: fleet.clock,
      onWait: reason => task.update(reason),
    })
    task.done()
  } catch (error) {
    task.fail(reasonOf(error))
    throw error
  }
}
