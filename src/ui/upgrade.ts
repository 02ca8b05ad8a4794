import { foldShort } from '../domain/ranges.ts'
import type { UpgradeRecord } from '../domain/upgrade/record.ts'
import { upgradeText } from '../domain/upgrade/upgrade.ts'
import type { Charge } from '../operations/upgrade/charges.ts'
import type { UpgradePlan } from '../operations/upgrade/plan.ts'
import { describeDrain } from './drain.ts'
import { table } from './table.ts'

/** What an upgrade does, node by node, in the steps that a run shows as well. */
export function describePlan({ request, steps, untouched, impacts }: UpgradePlan): string {
  const lines = [
    ...(untouched.length > 0 ? [`as wanted already: ${foldShort(untouched)}`] : []),
    ...(impacts.length > 0 ? [describeDrain(impacts)] : []),
    ...steps.map(({ name, steps: words }) => `${name}: ${words.join(', ')}`),
  ]
  if (steps.length === 0) lines.push(`nothing is to be done for: ${upgradeText(request.upgrade)}`)
  return `${lines.join('\n')}\n`
}

const STATES: Readonly<Record<UpgradeRecord['state'], string>> = {
  waiting: 'waiting',
  out: 'out',
  done: 'coming back',
  finished: 'finished',
}

/** An upgrade that is not finished: what it is, whose, and how each node stands. */
export function describeUnfinished(charges: readonly Charge[]): string {
  const [first] = charges
  if (!first) return 'no upgrade is unfinished\n'
  const { upgrade, by, since } = first.record
  const rows = charges.map(({ name, node, record }) => [
    name,
    STATES[record.state],
    record.role,
    record.availability,
    node.role,
    node.availability,
    node.state,
  ])
  const heading = ['NAME', 'UPGRADE', 'WAS', 'AVAILABILITY', 'IS', 'AVAILABILITY', 'STATE']
  return `${upgradeText(upgrade)}, begun by ${by} at ${since}\n\n${table(heading, rows)}\n${whatNext(charges)}\n`
}

function whatNext(charges: readonly Charge[]): string {
  return charges.some(({ record }) => record.isGivenUp)
    ? 'it is being given up: belt upgrade --abort goes on with that'
    : 'belt upgrade --resume goes on with it, belt upgrade --abort gives it up'
}
