import { foldShort } from '../../domain/ranges.ts'
import type { PlacementNode } from '../../domain/task-placement.ts'
import type { UpgradeOptions } from '../../domain/upgrade/record.ts'
import { isOut, mostOut, parseMaxUnavailable } from '../../domain/upgrade/waves.ts'
import { BeltError, ExitCode } from '../../errors.ts'

/** How many workers may be out at once, and which are. */
export interface Budget {
  readonly workers: number
  /** As the user wrote it. */
  readonly maxUnavailable: string
  readonly most: number
  readonly out: readonly PlacementNode[]
}

/** How many workers an upgrade may have out at once, and which of them are out at this moment. */
export function budgetOf(nodes: readonly PlacementNode[], { maxUnavailable = '1' }: UpgradeOptions): Budget {
  const workers = nodes.filter(({ role }) => role === 'worker')
  const most = mostOut(parseMaxUnavailable(maxUnavailable), workers.length)
  return { workers: workers.length, maxUnavailable, most, out: workers.filter(isOut) }
}

/**
 * Throws a precheck error where workers are to go that take tasks, and as many as may be out are so for other reasons:
 * they would be so in the end as well.
 * @param going the ids of the nodes that are to go
 */
export function refuseNoBudget(
  nodes: readonly PlacementNode[],
  going: readonly string[],
  options: UpgradeOptions,
): void {
  const budget = budgetOf(nodes, options)
  const costs = nodes.some(node => going.includes(node.id) && !isOut(node))
  if (costs && budget.out.length >= budget.most) throw noBudget(budget, ExitCode.precheck)
}

/** The refusal to take a worker out while too many are, with which they are and what to do. */
export function noBudget(
  { workers, maxUnavailable, most, out }: Budget,
  exitCode: ExitCode = ExitCode.failed,
): BeltError {
  return new BeltError(
    'no-budget',
    `${most} of ${workers} workers may be out at once (--max-unavailable ${maxUnavailable}), and these are already: ${outInWords(out)}`,
    {
      exitCode,
      hint: [
        'bring those back that are down, let those take tasks again that are drained or paused (belt swarm activate NODES)',
        'take those off the list that are lost for good: belt swarm remove --unreachable NODES',
        `or let more be out: --max-unavailable ${out.length + 1}`,
      ].join('\n'),
      details: { most, out: out.map(({ hostname }) => hostname) },
    },
  )
}

function outInWords(out: readonly PlacementNode[]): string {
  const reasons = [...new Set(out.map(reasonOut))]
  const namesOf = (reason: string) =>
    foldShort(out.filter(node => reasonOut(node) === reason).map(({ hostname, id }) => hostname || id))
  return reasons.map(reason => `${namesOf(reason)} (${reason})`).join(', ')
}

function reasonOut({ state, availability }: PlacementNode): string {
  if (state !== 'ready') return state
  return availability === 'drain' ? 'drained' : 'paused'
}
