import { quorumOf, type RaftGroup, toleranceOf } from '../quorum.ts'
import type { LedgerRow } from './ledger.ts'

/**
 * - `healthy` it works, and so do all its members; `degraded` it works, and something is broken;
 * - `quorum-lost` it takes no decisions; `no-swarm` there is none;
 * - `unknown` no manager could be asked, or what it says could not be read: never the same as none, or as lost.
 */
export type SwarmVerdict = 'healthy' | 'degraded' | 'quorum-lost' | 'no-swarm' | 'unknown'

export interface VerdictInput {
  readonly group: RaftGroup
  /** Whether a manager listed the nodes, which needs a leader. */
  readonly nodesKnown: boolean
  /** Whether the engines of managers say that they have no leader. */
  readonly leaderless: boolean
  /** Whether an engine answered something that is not understood, so that nobody can count its managers. */
  readonly notUnderstood: boolean
  /** Whether every machine was asked and belongs to no swarm. */
  readonly allOutside: boolean
  /** Why the nodes are not known. */
  readonly whyNot: string | undefined
  readonly rows: readonly LedgerRow[]
}

/** Whether a swarm is healthy, and if not, why. */
export function verdictOf(findings: VerdictInput): { verdict: SwarmVerdict; problems: string[] } {
  const { group, nodesKnown, leaderless, notUnderstood, allOutside, whyNot } = findings
  if (allOutside) return { verdict: 'no-swarm', problems: ['no machine is in a swarm'] }
  if (!nodesKnown) {
    const problems = [whyNot ?? 'no manager lists the nodes']
    const isCountedOut = group.reachable > 0 && toleranceOf(group) < 0
    const isLost = leaderless || (isCountedOut && !notUnderstood)
    return { verdict: isLost ? 'quorum-lost' : 'unknown', problems }
  }
  const problems = [...managerProblems(group), ...rowProblems(findings.rows)]
  return { verdict: problems.length > 0 ? 'degraded' : 'healthy', problems }
}

function managerProblems(group: RaftGroup): string[] {
  const { managers, reachable } = group
  if (reachable === managers) return []
  const next = toleranceOf(group) === 0 ? '; the loss of one more stops the swarm' : ''
  return [
    `${reachable} of ${managers} managers are reachable, and the swarm needs ${quorumOf(managers)}${next}`,
  ]
}

function rowProblems(rows: readonly LedgerRow[]): string[] {
  return rows
    .filter(row => row.class !== 'ok' && row.class !== 'unjoined' && row.class !== 'unmanaged')
    .map(row => `${row.name}: ${row.class}${row.detail ? `, ${row.detail}` : ''}`)
}
