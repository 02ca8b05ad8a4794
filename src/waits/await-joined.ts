import { joinHint } from '../domain/swarm/join-hint.ts'
import { BeltError, reasonOf } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import type { SwarmToJoin } from '../queries/join-standing.ts'
import { readMembership } from '../queries/membership.ts'
import type { Membership } from '../remote/swarm.ts'
import { retry, type WaitOptions } from '../retry.ts'

const TIMEOUT_MS = 60_000
const POLL_MS = 500

/** A join that was started and whose outcome is not known yet. */
const INCOMPLETE = 'join-incomplete'
/** A join that the engine continued in the background and then gave up. */
const GIVEN_UP = 'join-given-up'

/** Whether a join was started and has failed for now: it may still succeed, or can be started again. */
export function isUnfinishedJoin({ code }: BeltError): boolean {
  return code === INCOMPLETE || code === GIVEN_UP
}

/**
 * Waits until both the host and the managers report that the host has joined.
 * @throws `join-given-up` as soon as the engine gives up; `join-incomplete` at the deadline
 */
export async function awaitJoined(host: Host, swarm: SwarmToJoin, options: WaitOptions = {}): Promise<void> {
  await retry(() => expectJoined(host, swarm, options.signal), {
    ...options,
    deadlineMs: TIMEOUT_MS,
    everyMs: POLL_MS,
    retryable: error => !(error instanceof BeltError && error.code === GIVEN_UP),
  })
}

/** A join that failed, for a reason that the host gives. */
export function joinError(code: string, host: Host, { addresses }: SwarmToJoin, reason: string): BeltError {
  return new BeltError(code, `${host.name}: ${reason}`, {
    host: host.name,
    hint: joinHint(host.name, addresses, reason),
  })
}

async function expectJoined(host: Host, swarm: SwarmToJoin, signal?: AbortSignal): Promise<void> {
  const membership = await readMembership(host, signal)
  const { state, error } = membership
  if (state === 'inactive' || state === 'error') {
    const why = error ? `: ${error}` : ''
    throw joinError(GIVEN_UP, host, swarm, `its engine gave up joining the swarm${why}`)
  }
  const seen = await seenByManagers(swarm, membership)
  if (state === 'active' && seen === 'joined') return
  throw new BeltError(
    INCOMPLETE,
    `${host.name} has not joined yet: it reports ${error ?? state}, the managers report ${seen}`,
    {
      host: host.name,
      hint:
        state === 'pending'
          ? `run the same belt swarm join to keep waiting; to start over: belt --host ${host.name} docker swarm leave --force`
          : `belt --host ${host.name} docker info shows why; run the same belt swarm join to continue`,
    },
  )
}

/** How the managers see a node: `joined`, or a description of its current state. */
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
