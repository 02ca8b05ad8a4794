import type { GroupChange } from '../../domain/quorum.ts'
import { quote } from '../../domain/quote.ts'
import { fold, foldShort } from '../../domain/ranges.ts'
import type { SwarmNode } from '../../domain/swarm/workload.ts'
import type { UpgradeOptions } from '../../domain/upgrade/record.ts'
import { silentBeside } from '../../domain/upgrade/take-out-mode.ts'
import { isUnavailable, maxUnavailableOf, parseMaxUnavailable } from '../../domain/upgrade/waves.ts'
import { BeltError, ExitCode } from '../../errors.ts'
import type { Node } from '../../remote/nodes.ts'
import { assertQuorumSurvives, groupOf } from '../swarm/quorum-guard.ts'

/**
 * Checks that a manager can be taken out now. A manager that does not answer, or whose demotion was requested, is out
 * already and passes.
 * @throws a quorum refusal (exit code 5), or `not-healthy` while another manager is out
 */
export function assertMayLeaveGroup(nodes: readonly Node[], id: string, change: GroupChange): void {
  const self = nodes.find(node => node.id === id)
  if (self?.reachability !== 'reachable' || self.role === 'worker') return
  assertQuorumSurvives(groupOf(nodes), [change])
  const silent = silentBeside(nodes, id)
  if (silent.length === 0) return
  const names = fold(silent.map(({ hostname }) => hostname))
  throw new BeltError(
    'not-healthy',
    `the managers do not reach ${names}: no other manager is taken out meanwhile`,
    { hint: `bring it back; if it is lost for good: belt swarm remove --unreachable ${quote(names)}` },
  )
}

/** How many workers may be unavailable at once, and which of them are. */
export interface UnavailableLimit {
  readonly workers: number
  /** As the user wrote it. */
  readonly maxUnavailable: string
  readonly most: number
  readonly unavailable: readonly SwarmNode[]
}

/** How many workers an upgrade may leave unavailable at once, and which are unavailable at this moment. */
export function unavailableLimitOf(
  nodes: readonly SwarmNode[],
  { maxUnavailable = '1' }: UpgradeOptions,
): UnavailableLimit {
  const workers = nodes.filter(({ role }) => role === 'worker')
  const most = maxUnavailableOf(parseMaxUnavailable(maxUnavailable), workers.length)
  return { workers: workers.length, maxUnavailable, most, unavailable: workers.filter(isUnavailable) }
}

/**
 * Throws a precheck error when so many other workers are unavailable that the upgrade could never take out the next one.
 * @param going the ids of the nodes to upgrade
 */
export function assertBelowLimit(
  nodes: readonly SwarmNode[],
  going: readonly string[],
  options: UpgradeOptions,
): void {
  const limit = unavailableLimitOf(nodes, options)
  const needsRoom = nodes.some(node => going.includes(node.id) && !isUnavailable(node))
  if (needsRoom && limit.unavailable.length >= limit.most) throw limitReached(limit, ExitCode.precheck)
}

/** The error for a worker that must wait because too many others are unavailable. */
export function limitReached(
  { workers, maxUnavailable, most, unavailable }: UnavailableLimit,
  exitCode: ExitCode = ExitCode.failed,
): BeltError {
  return new BeltError(
    'no-budget',
    `${most} of ${workers} workers may be unavailable at once (--max-unavailable ${maxUnavailable}), and these already are: ${inWords(unavailable)}`,
    {
      exitCode,
      hint: [
        'bring back the workers that are down, and reactivate those that are drained or paused (belt swarm activate NODES)',
        'remove the workers that are lost for good: belt swarm remove --unreachable NODES',
        `or allow more: --max-unavailable ${unavailable.length + 1}`,
      ].join('\n'),
      details: { most, out: unavailable.map(({ hostname }) => hostname) },
    },
  )
}

function inWords(unavailable: readonly SwarmNode[]): string {
  const reasons = [...new Set(unavailable.map(whyUnavailable))]
  const namesOf = (reason: string) =>
    foldShort(
      unavailable.filter(node => whyUnavailable(node) === reason).map(({ hostname, id }) => hostname || id),
    )
  return reasons.map(reason => `${namesOf(reason)} (${reason})`).join(', ')
}

function whyUnavailable({ state, availability }: SwarmNode): string {
  if (state !== 'ready') return state
  return availability === 'drain' ? 'drained' : 'paused'
}
