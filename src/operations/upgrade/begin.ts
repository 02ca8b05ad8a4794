import { type Baseline, baselineOf, degradationOf } from '../../domain/health-baseline.ts'
import { expand, fold } from '../../domain/ranges.ts'
import type { UpgradeRecord } from '../../domain/upgrade/record.ts'
import { BeltError, precheckError, reasonOf } from '../../errors.ts'
import { type Answer, failedOf } from '../../hosts/fan-out.ts'
import type { Fleet } from '../fleet.ts'
import type { SwarmSelection } from '../swarm/select-nodes.ts'
import { holdEngines } from './as-wanted.ts'
import { type Charge, keepRecords, readScene } from './charges.ts'
import type { UpgradePlan } from './plan.ts'
import { continueUpgrade, expectHealthy, type RunOptions, type UpgradeResult } from './run.ts'
import { GO_ON } from './stopped.ts'

/** How long a swarm may take to be seen well before anything is done to it: after an election it is not for a while. */
const FIRST_LOOK_MS = 30_000

/**
 * Does a planned upgrade. What every node was and what is to be done is kept in the swarm before the first is touched.
 * @throws a precheck error when the swarm is not well: nothing was changed
 */
export async function beginUpgrade(
  fleet: Fleet,
  plan: UpgradePlan,
  options: RunOptions,
): Promise<UpgradeResult> {
  const { view, request, unheld } = plan
  const before = baselineOf(plan.before)
  const names = view.members.map(({ name }) => name)
  const answers = await holdEngines(fleet, unheld)
  const held = answers.filter(({ ok }) => ok).map(({ host }) => host)
  for (const name of held) options.onUpgraded?.(name)
  const failures = failedOf(answers)
  if (names.length === 0 || failures.length > 0) return { upgraded: held, failures, left: names }
  await refuseUnwell(fleet, before, options)
  const run = {
    upgrade: request.upgrade,
    options: request.options,
    by: fleet.lock.holder,
    since: new Date().toISOString(),
    all: fold(names),
    degraded: degradationOf(plan.before),
  }
  await noteWaiting(fleet, view, run)
  const result = await continueUpgrade(fleet, before, options)
  return { ...result, upgraded: [...held, ...result.upgraded] }
}

async function refuseUnwell(fleet: Fleet, before: Baseline, { timeoutMs }: RunOptions): Promise<void> {
  try {
    const deadlineMs = Math.min(timeoutMs ?? FIRST_LOOK_MS, FIRST_LOOK_MS)
    await expectHealthy(fleet, await readScene(fleet), before, deadlineMs)
  } catch (error) {
    fleet.signal.throwIfAborted()
    throw precheckError('not-healthy', `nothing was begun: ${reasonOf(error)}`, {
      hint: 'belt swarm status shows what is wrong, and what mends it',
      cause: error,
    })
  }
}

/** What all records of one run have in common. */
export type RunRecord = Pick<UpgradeRecord, 'upgrade' | 'options' | 'by' | 'since' | 'all' | 'degraded'>

/** Has the swarm keep what nodes are, and that they wait for their upgrade. @throws which nodes it kept no record of */
export async function noteWaiting(
  fleet: Fleet,
  { manager, members }: SwarmSelection,
  { upgrade, options, by, since, all, degraded }: RunRecord,
): Promise<void> {
  const kept = { upgrade, options, by, since, all, degraded }
  const charges = members.flatMap(({ name, machine, node }): Charge[] => {
    if (!machine) return []
    const { role, availability } = node
    return [{ name, machine, node, record: { ...kept, machine: name, state: 'waiting', role, availability } }]
  })
  const last = lastNoted(all)
  for (const group of [
    charges.filter(({ name }) => name !== last),
    charges.filter(({ name }) => name === last),
  ]) {
    const answers = await keepRecords(fleet, manager.host, group)
    fleet.signal.throwIfAborted()
    expectKept(answers)
  }
}

/** The machine of a run that is noted after all others: where it has a record, all have had one. */
export function lastNoted(all: string): string | undefined {
  return expand(all).at(-1)
}

/** @throws which records the swarm does not keep, with each reason */
export function expectKept(answers: readonly Answer<Charge>[]): void {
  const failures = failedOf(answers)
  if (failures.length === 0) return
  const reasons = failures.map(({ host, error }) => `${host}: ${error.message}`)
  throw new BeltError('not-kept', `the swarm does not keep what is done with\n${reasons.join('\n')}`, {
    hint: GO_ON,
    cause: failures[0]?.error,
    details: { hosts: failures.map(({ host }) => host) },
  })
}
