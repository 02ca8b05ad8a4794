import { type GroupChange, lossRefusal, quorumRefusal, type RaftGroup } from '../../domain/quorum.ts'
import { BeltError, type BeltErrorOptions, ExitCode } from '../../errors.ts'
import type { Node } from '../../remote/nodes.ts'

/** What a refusal says in addition to the numbers. */
export interface RefusalContext {
  /** The refused action, such as `restart mg1`. */
  readonly action?: string
  /** The host that would become unavailable. */
  readonly host?: string
  /** What to do instead; by default, how to make the swarm safe for the change. */
  readonly hint?: string
}

/**
 * Whether a manager takes part in the Raft group. The leader tells managers by their address: it calls a lost one reachable
 * after another machine got that address. Such a node is down.
 */
export function takesPartInGroup({ reachability, state }: Pick<Node, 'reachability' | 'state'>): boolean {
  return reachability === 'reachable' && state !== 'down'
}

/** The Raft group as the leader counts it. */
export function groupOf(nodes: readonly Pick<Node, 'reachability' | 'state'>[]): RaftGroup {
  const members = nodes.filter(({ reachability }) => reachability !== undefined)
  return { managers: members.length, reachable: members.filter(takesPartInGroup).length }
}

/**
 * Checks that the swarm keeps its quorum during a sequence of changes.
 * @throws a quorum refusal in numbers (exit code 5)
 */
export function assertQuorumSurvives(
  group: RaftGroup,
  changes: readonly GroupChange[],
  context: RefusalContext = {},
): void {
  assertNone(quorumRefusal(group, changes), group, context)
}

/**
 * Checks that the swarm keeps its quorum if it loses `lost` reachable managers at once.
 * @throws a quorum refusal in numbers (exit code 5)
 */
export function assertQuorumSurvivesLoss(group: RaftGroup, lost: number, context: RefusalContext = {}): void {
  assertNone(lossRefusal(group, lost), group, context)
}

/**
 * Checks that one manager can be taken out while the swarm can still lose another: there must be at least three.
 * @throws a quorum refusal (exit code 5)
 */
export function assertSpareManager({ managers }: RaftGroup): void {
  if (managers > 2) return
  const why =
    managers === 1
      ? 'the swarm has one manager, and makes no decisions while that manager is out; its services keep running'
      : 'the swarm has two managers; while one is out, losing the other stops the swarm'
  throw quorumError(why, {
    hint: 'promote other nodes first (belt swarm promote NODES), or accept this with --allow-outage',
  })
}

/** The error for a change that would lose the quorum: code `quorum`, exit code 5. */
export function quorumError(
  why: string,
  { action, ...options }: RefusalContext & Pick<BeltErrorOptions, 'details'> = {},
): BeltError {
  const refused = action === undefined ? 'refused' : `refused to ${action}`
  return new BeltError('quorum', `${refused}: ${why}`, { ...options, exitCode: ExitCode.quorum })
}

function assertNone(refusal: string | undefined, group: RaftGroup, context: RefusalContext): void {
  if (refusal !== undefined)
    throw quorumError(refusal, { hint: safetyHint(group), ...context, details: { ...group } })
}

function safetyHint({ managers, reachable }: RaftGroup): string {
  return reachable < managers
    ? 'first bring the unreachable managers back, or demote them; belt swarm status shows them'
    : 'promote other nodes first: belt swarm promote NODES'
}
