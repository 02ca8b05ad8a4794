import { BeltError, reasonOf } from '../errors.ts'
import { askEngine, EngineSilentError } from '../hosts/engine-client.ts'
import { HostError } from '../hosts/errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { assertRole, type SwarmToJoin, standingOf } from '../queries/join-standing.ts'
import { readMembership } from '../queries/membership.ts'
import { Change } from '../record.ts'
import { refusalOf } from '../remote/engine.ts'
import { joinCommand, leaveCommand, type Membership } from '../remote/swarm.ts'
import { retry } from '../retry.ts'
import type { Step } from './step.ts'

/** The engine itself gives up waiting after 20 s and goes on in the background. */
const JOIN_TIMEOUT_MS = 45_000
const GATE_TIMEOUT_MS = 60_000
const POLL_MS = 500
/** How many managers a host tries that cannot reach the first: each costs it 10 s. */
const MANAGERS_TRIED = 2

/** What the engine says when a join outlives its patience but goes on. */
const CONTINUES_IN_BACKGROUND = /Timeout was reached before node joined/
/** What it says when it has not reached the manager; not when a manager has not reached it in turn. */
const UNREACHED_MANAGER = /^(?!.*prospective new cluster member).*Error while dialing/

/** A join that was started, and whose end is not known yet. */
const INCOMPLETE = 'join-incomplete'
/** A join that the engine continued for a while, and gave up. */
const GIVEN_UP = 'join-given-up'

/** Whether a join was started and failed for now: it may still end well, or can be started again. */
export function isUnfinishedJoin({ code }: BeltError): boolean {
  return code === INCOMPLETE || code === GIVEN_UP
}

export interface JoinOptions {
  /** The address that other nodes reach this one at; by default the one that faces the manager. */
  readonly advertiseAddress?: string | undefined
  readonly signal?: AbortSignal
  /** Called when the join is late: the engine stopped waiting for it, and continues it in the background. */
  readonly onLate?: () => void
}

/**
 * Joins a host to a swarm, and waits until both the host and a manager report it. Does nothing where the host is a member
 * already; fails where it belongs to another swarm. A join that was started is waited for, never started again.
 */
export function joinSwarm(
  host: Host,
  swarm: SwarmToJoin,
  { advertiseAddress, signal, onLate }: JoinOptions = {},
): Step {
  return {
    title: `Join ${host.name} as ${swarm.role}`,

    async changes() {
      const standing = await standingOf(host, swarm, signal)
      if (standing.kind === 'member') {
        assertRole(host, standing.node, swarm)
        return []
      }
      return [new Change(`${host.name} joins as ${swarm.role}`, standing.kind, swarm.role)]
    },

    async run() {
      const { kind } = await standingOf(host, swarm, signal)
      if (kind === 'expelled' || kind === 'given-up') {
        await runChecked(host, leaveCommand(false), { timeoutMs: JOIN_TIMEOUT_MS, signal })
      }
      if (kind !== 'pending' && kind !== 'member') {
        const answered = await requestJoin(host, swarm, advertiseAddress, signal)
        if (answered === 'late') onLate?.()
      }
      await retry(() => expectJoined(host, swarm, signal), {
        deadlineMs: GATE_TIMEOUT_MS,
        everyMs: POLL_MS,
        signal,
        retryable: error => !(error instanceof BeltError && error.code === GIVEN_UP),
      })
    },
  }
}

/** The engine asks only the first manager that it is given, so each that it does not reach is passed over here. */
async function requestJoin(
  host: Host,
  swarm: SwarmToJoin,
  advertiseAddress: string | undefined,
  signal?: AbortSignal,
): Promise<'joined' | 'late'> {
  let refusal = 'no manager is known to join through'
  for (const address of swarm.addresses.slice(0, MANAGERS_TRIED)) {
    const request = joinCommand({ token: swarm.token, managers: [address], advertiseAddress })
    const answer = await askEngine(host, request, { timeoutMs: JOIN_TIMEOUT_MS, signal }).catch(withoutAnswer)
    if (!answer) return 'late'
    if ('status' in answer && answer.status === 200) return 'joined'
    refusal = 'status' in answer ? refusalOf(answer) : answer.reason
    if (CONTINUES_IN_BACKGROUND.test(refusal)) return 'late'
    if (!UNREACHED_MANAGER.test(refusal)) break
  }
  throw joinError('join-failed', host, swarm, refusal)
}

/**
 * An engine that gave no answer did not join; an answer that was lost on the way says nothing about the join.
 * @throws any other failure
 */
function withoutAnswer(error: unknown): EngineSilentError | undefined {
  if (error instanceof EngineSilentError) return error
  if (error instanceof HostError && ['timeout', 'lost'].includes(error.failure)) return undefined
  throw error
}

function joinError(code: string, host: Host, { addresses }: SwarmToJoin, reason: string): BeltError {
  return new BeltError(code, `${host.name}: ${reason}`, {
    host: host.name,
    hint: `check that ${host.name} reaches ${addresses.join(' or ')}, and that managers reach a new manager on that port`,
  })
}

async function expectJoined(host: Host, swarm: SwarmToJoin, signal?: AbortSignal): Promise<void> {
  const membership = await readMembership(host, signal)
  const { state, error } = membership
  if (state === 'inactive' || state === 'error') {
    const why = error ? `: ${error}` : ''
    throw joinError(GIVEN_UP, host, swarm, `its engine has given up the join${why}`)
  }
  const seen = await seenByManagers(swarm, membership)
  if (state === 'active' && seen === 'joined') return
  throw new BeltError(
    INCOMPLETE,
    `${host.name} has not joined yet: it says ${error ?? state}, the managers say ${seen}`,
    {
      host: host.name,
      hint:
        state === 'pending'
          ? `the same belt swarm join waits on; to begin anew: belt --host ${host.name} docker swarm leave --force`
          : `belt --host ${host.name} docker info shows why; the same belt swarm join again goes on`,
    },
  )
}

/** What the managers say of a node: `joined`, or in their words what it is instead. */
async function seenByManagers(swarm: SwarmToJoin, { nodeId, isManager }: Membership): Promise<string> {
  try {
    const node = (await swarm.managers.states()).find(({ id }) => id === nodeId)
    if (!node) return 'not listed'
    const settled = swarm.role === 'worker' || (isManager && node.reachability === 'reachable')
    if (node.state === 'ready' && settled) return 'joined'
    return [node.state, node.reachability].filter(Boolean).join(', ')
  } catch (error) {
    return `nothing (${reasonOf(error)})`
  }
}
