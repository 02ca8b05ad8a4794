import { BeltError, reasonOf } from '../errors.ts'
import { HostError } from '../hosts/errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { refuseWrongRole, standingOf, type TargetSwarm } from '../queries/join-standing.ts'
import { readMembership } from '../queries/read-swarm.ts'
import { Change } from '../record.ts'
import { parseEngineResponse, refusalOf } from '../remote/engine.ts'
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

/** A join that was begun, and of which it is not known yet how it ends. */
const INCOMPLETE = 'join-incomplete'
/** A join that the engine went on with for a while, and gave up. */
const GIVEN_UP = 'join-given-up'

/** Whether a join was begun and may come to its end yet, or be begun anew. */
export function isLate({ code }: BeltError): boolean {
  return code === INCOMPLETE || code === GIVEN_UP
}

/**
 * Joins a host to a swarm, and waits until both the host and a manager say so. Nothing to do where the host belongs
 * to this swarm already; an error where it belongs to another. A join that was begun is waited for, never begun again.
 */
export function joinSwarm(
  host: Host,
  target: TargetSwarm,
  advertiseAddress: string | undefined,
  signal?: AbortSignal,
): Step {
  return {
    title: `Join ${host.name} as ${target.role}`,

    async changes() {
      const standing = await standingOf(host, target, signal)
      if (standing.kind === 'member') {
        refuseWrongRole(host, standing.node, target)
        return []
      }
      return [new Change(`${host.name} joins as ${target.role}`, standing.kind, target.role)]
    },

    run: () =>
      target.paced(async strained => {
        const { kind } = await standingOf(host, target, signal)
        if (kind === 'expelled' || kind === 'given-up') {
          await runChecked(host, leaveCommand(false), { timeoutMs: JOIN_TIMEOUT_MS, signal })
        }
        if (kind !== 'pending' && kind !== 'member') {
          const answered = await requestJoin(host, target, advertiseAddress, signal)
          if (answered === 'goes-on') strained()
        }
        await retry(() => expectJoined(host, target, signal), {
          deadlineMs: GATE_TIMEOUT_MS,
          everyMs: POLL_MS,
          signal,
          retryable: error => !(error instanceof BeltError && error.code === GIVEN_UP),
        })
      }),
  }
}

/** The engine asks only the first manager that it is given, so each that it does not reach is passed over here. */
async function requestJoin(
  host: Host,
  target: TargetSwarm,
  advertiseAddress: string | undefined,
  signal?: AbortSignal,
): Promise<'joined' | 'goes-on'> {
  let refusal = 'no manager is known to join through'
  for (const manager of target.managers.slice(0, MANAGERS_TRIED)) {
    const join = joinCommand({ token: target.token, managers: [manager], advertiseAddress })
    const result = await host.run(join, { timeoutMs: JOIN_TIMEOUT_MS, signal }).catch(endUnseen)
    if (!result) return 'goes-on'
    const response = parseEngineResponse(result.stdout)
    if (response?.status === 200) return 'joined'
    refusal = response ? refusalOf(response) : result.stderr.trim() || `exit code ${result.code}`
    if (CONTINUES_IN_BACKGROUND.test(refusal)) return 'goes-on'
    if (!UNREACHED_MANAGER.test(refusal)) break
  }
  throw joinError('join-failed', host, target, refusal)
}

/** An answer that was lost on the way tells nothing of the join. @throws what else went wrong */
function endUnseen(error: unknown): undefined {
  if (error instanceof HostError && ['timeout', 'lost'].includes(error.failure)) return undefined
  throw error
}

function joinError(code: string, host: Host, { managers }: TargetSwarm, reason: string): BeltError {
  return new BeltError(code, `${host.name}: ${reason}`, {
    host: host.name,
    hint: `check that ${host.name} reaches ${managers.join(' or ')}, and a new manager is reached on that port too`,
  })
}

async function expectJoined(host: Host, target: TargetSwarm, signal?: AbortSignal): Promise<void> {
  const membership = await readMembership(host, signal)
  const { state, error } = membership
  if (state === 'inactive' || state === 'error') {
    const why = error ? `: ${error}` : ''
    throw joinError(GIVEN_UP, host, target, `its engine has given up the join${why}`)
  }
  const seen = await seenByManagers(target, membership)
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
async function seenByManagers(target: TargetSwarm, { nodeId, isManager }: Membership): Promise<string> {
  try {
    const node = (await target.readStates()).find(({ id }) => id === nodeId)
    if (!node) return 'not listed'
    const settled = target.role === 'worker' || (isManager && node.reachability === 'reachable')
    if (node.state === 'ready' && settled) return 'joined'
    return [node.state, node.reachability].filter(Boolean).join(', ')
  } catch (error) {
    return `nothing (${reasonOf(error)})`
  }
}
