import { foldShort } from '../domain/ranges.ts'
import { line } from '../domain/shown.ts'
import { plannedTitles } from '../domain/upgrade/phases.ts'
import type { UpgradeRecord } from '../domain/upgrade/record.ts'
import { upgradeText } from '../domain/upgrade/upgrade.ts'
import { type Answer, failedOf } from '../hosts/fan-out.ts'
import type { UpgradePlan } from '../operations/upgrade/plan.ts'
import type { UpgradeTarget } from '../operations/upgrade/records.ts'
import type { UpgradeResult } from '../operations/upgrade/run.ts'
import { answerLines } from './answers.ts'
import { describeDrain } from './drain.ts'
import { table } from './table.ts'

/** The steps of each node, with the titles that a run shows. */
export interface PlannedSteps {
  readonly name: string
  readonly steps: readonly string[]
}

/** The result of a resumed upgrade, as `--json` prints it. */
export interface ResultReport {
  readonly upgraded: readonly string[]
  readonly failed: readonly string[]
  /** The nodes that were not started. */
  readonly left: readonly string[]
}

/** An upgrade, as `--json` prints it. */
export interface UpgradeReport extends ResultReport {
  readonly steps: readonly PlannedSteps[]
  /** The nodes that are already in the desired state. */
  readonly untouched: readonly string[]
}

/** The steps that an upgrade takes, node by node. */
export function plannedSteps({ unheld, contexts }: Pick<UpgradePlan, 'unheld' | 'contexts'>): PlannedSteps[] {
  return [
    ...unheld.map(({ name }) => ({ name, steps: ['hold the engine'] })),
    ...contexts.map(({ name, context }) => ({ name, steps: plannedTitles(context) })),
  ]
}

/** What an upgrade does, node by node. */
export function describePlan(plan: UpgradePlan): string {
  const { request, untouched, impacts } = plan
  const steps = plannedSteps(plan)
  const lines = [
    ...(untouched.length > 0 ? [line`already in the desired state: ${foldShort(untouched)}`] : []),
    ...(impacts.length > 0 ? [describeDrain(impacts)] : []),
    ...steps.map(({ name, steps: words }) => line`${name}: ${words.join(', ')}`),
  ]
  if (steps.length === 0) lines.push(line`nothing to do for: ${upgradeText(request.upgrade)}`)
  return `${lines.join('\n')}\n`
}

/** A line for an upgraded node. */
export function upgradedLine(name: string): string {
  return line`${name}: upgraded\n`
}

/** The nodes that an abort has restored, one line each. */
export function restoredLines(answers: readonly Answer<void>[]): string {
  return answerLines(answers, () => 'role and availability are as before; what was installed stays')
}

/** The result of an abort, as `--json` prints it. */
export interface AbortReport {
  readonly restored: readonly string[]
  readonly failed: readonly string[]
}

export function abortAsJson(answers: readonly Answer<void>[]): AbortReport {
  const restored = answers.filter(({ ok }) => ok).map(({ host }) => host)
  return { restored, failed: failedOf(answers).map(({ host }) => host) }
}

/** The `--json` document of an upgrade, or of a plan if there is no result. */
export function upgradeAsJson(plan: UpgradePlan, result?: UpgradeResult): UpgradeReport {
  const report = result ? resultAsJson(result) : { upgraded: [], failed: [], left: [] }
  return { steps: plannedSteps(plan), untouched: plan.untouched, ...report }
}

/** The `--json` document of a result. */
export function resultAsJson({ upgraded, failures, left }: UpgradeResult): ResultReport {
  return { upgraded, failed: failures.map(({ host }) => host), left }
}

/**
 * One node of an unfinished upgrade, as `--json` prints it. Scripts read `ailing` and `isGivenUp`, which code calls
 * degraded and aborting.
 */
export type UnfinishedReport = Omit<UpgradeRecord, 'degraded' | 'isAborting'> & {
  readonly ailing: UpgradeRecord['degraded']
  readonly isGivenUp?: boolean | undefined
}

/** The `--json` document of an unfinished upgrade. */
export function unfinishedAsJson(targets: readonly UpgradeTarget[]): UnfinishedReport[] {
  return targets.map(({ record: { degraded, isAborting, ...record } }) => ({
    ...record,
    ailing: degraded,
    isGivenUp: isAborting,
  }))
}

const STATES: Readonly<Record<UpgradeRecord['state'], string>> = {
  waiting: 'waiting',
  out: 'out',
  done: 'coming back',
  finished: 'finished',
}

/** An unfinished upgrade: what it does, who started it, and the state of each node. */
export function describeUnfinishedUpgrade(targets: readonly UpgradeTarget[]): string {
  const [first] = targets
  if (!first) return 'no unfinished upgrade\n'
  const { upgrade, by, since } = first.record
  const rows = targets.map(({ name, node, record }) => [
    name,
    STATES[record.state],
    record.role,
    record.availability,
    node.role,
    node.availability,
    node.state,
  ])
  const heading = ['NAME', 'UPGRADE', 'WAS', 'AVAILABILITY', 'IS', 'AVAILABILITY', 'STATE']
  return line`${upgradeText(upgrade)}, started by ${by} at ${since}\n\n`.concat(
    `${table(heading, rows)}\n${whatNext(targets)}\n`,
  )
}

function whatNext(targets: readonly UpgradeTarget[]): string {
  return targets.some(({ record }) => record.isAborting)
    ? 'to continue aborting it: belt upgrade --abort'
    : 'to continue: belt upgrade --resume; to abort: belt upgrade --abort'
}
