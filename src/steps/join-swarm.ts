import { askEngine, EngineSilentError } from '../hosts/engine-client.ts'
import { HostError } from '../hosts/errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { assertRole, readJoinStanding, type SwarmToJoin } from '../queries/join-standing.ts'
import { Change } from '../record.ts'
import { refusalOf } from '../remote/engine.ts'
import { joinCommand, leaveCommand } from '../remote/swarm.ts'
import type { WaitOptions } from '../retry.ts'
import { awaitJoined, joinError } from '../waits/await-joined.ts'
import type { Step } from './step.ts'

/** The engine itself stops waiting after 20 s and continues in the background. */
const JOIN_TIMEOUT_MS = 45_000
/** How many managers a host tries if it cannot reach the first: each attempt takes 10 s. */
const MANAGERS_TRIED = 2

/** The engine's message for a join that it continues in the background. */
const CONTINUES_IN_BACKGROUND = /Timeout was reached before node joined/
/** The engine's message if it did not reach the manager; it differs if the manager did not reach the engine. */
const UNREACHED_MANAGER = /^(?!.*prospective new cluster member).*Error while dialing/

export interface JoinOptions extends WaitOptions {
  /** The address at which other nodes reach this one (default: the address that faces the manager). */
  readonly advertiseAddress?: string | undefined
  /** Called if the engine stops waiting for the join and continues it in the background. */
  readonly onLate?: () => void
}

/**
 * Joins a host to a swarm, and waits until both the host and a manager report the join. Does nothing if the host is a
 * member already; fails if it belongs to another swarm. If a join is in progress, waits for it and never starts another.
 */
export function joinSwarm(host: Host, swarm: SwarmToJoin, options: JoinOptions = {}): Step {
  const { advertiseAddress, signal, onLate } = options
  return {
    title: `Join ${host.name} as ${swarm.role}`,

    async changes() {
      const standing = await readJoinStanding(host, swarm, signal)
      if (standing.kind === 'member') {
        assertRole(host, standing.node, swarm)
        return []
      }
      return [new Change(`${host.name} joins as ${swarm.role}`, standing.kind, swarm.role)]
    },

    async run() {
      const { kind } = await readJoinStanding(host, swarm, signal)
      if (kind === 'expelled' || kind === 'given-up') {
        await runChecked(host, leaveCommand(false), { timeoutMs: JOIN_TIMEOUT_MS, signal })
      }
      if (kind !== 'pending' && kind !== 'member') {
        const answered = await requestJoin(host, swarm, advertiseAddress, signal)
        if (answered === 'late') onLate?.()
      }
      await awaitJoined(host, swarm, options)
    },
  }
}

/** Tries managers one after the other, because the engine itself asks only the first. */
async function requestJoin(
  host: Host,
  swarm: SwarmToJoin,
  advertiseAddress: string | undefined,
  signal?: AbortSignal,
): Promise<'joined' | 'late'> {
  let refusal = 'no manager address is known'
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
 * An engine that did not answer did not join. If only the answer was lost, the outcome is unknown (`undefined`).
 * @throws any other failure
 */
function withoutAnswer(error: unknown): EngineSilentError | undefined {
  if (error instanceof EngineSilentError) return error
  if (error instanceof HostError && ['timeout', 'lost'].includes(error.failure)) return undefined
  throw error
}
