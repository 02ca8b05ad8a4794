import { BeltError, precheckError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { parseEngineResponse, refusalOf } from '../remote/engine.ts'
import type { Node } from '../remote/nodes.ts'
import { joinCommand, leaveCommand, type Membership } from '../remote/swarm.ts'
import { retry } from '../retry.ts'
import { readCertificate, readMembership } from './read-swarm.ts'
import type { Step } from './step.ts'

/** The engine itself gives up waiting after 20 s and goes on in the background. */
const JOIN_TIMEOUT_MS = 45_000
const GATE_TIMEOUT_MS = 60_000
const POLL_MS = 500
/** What the engine says when a join outlives its patience but goes on. */
const CONTINUES_IN_BACKGROUND = /Timeout was reached before node joined/

/** The swarm to join, as one of its managers tells it. */
export interface TargetSwarm {
  readonly clusterId: string
  /** Where to join, `address:port`, the preferred manager first. */
  readonly managers: readonly string[]
  readonly role: 'worker' | 'manager'
  readonly token: string
  /** The nodes as a manager sees them now. */
  readNodes(): Promise<readonly Node[]>
}

/** Where a host stands with respect to the swarm that it shall join. */
type Standing =
  | { readonly kind: 'outside' }
  | { readonly kind: 'member'; readonly node: Node }
  /** A join that was begun and has not ended. */
  | { readonly kind: 'pending' }
  /** Removed by the managers, and not aware of it. */
  | { readonly kind: 'expelled' }

/**
 * Joins a host to a swarm, and waits until both the host and a manager say so. Nothing to do where the host belongs
 * to this swarm already; an error where it belongs to another.
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
      return [`${host.name} joins as ${target.role}`]
    },

    async run() {
      const standing = await standingOf(host, target, signal)
      if (standing.kind === 'expelled') {
        await runChecked(host, leaveCommand(false), { timeoutMs: JOIN_TIMEOUT_MS, signal })
      }
      if (standing.kind !== 'pending' && standing.kind !== 'member') {
        await requestJoin(host, target, advertiseAddress, signal)
      }
      await retry(() => expectJoined(host, target, signal), {
        deadlineMs: GATE_TIMEOUT_MS,
        everyMs: POLL_MS,
        signal,
      })
    },
  }
}

async function standingOf(host: Host, target: TargetSwarm, signal?: AbortSignal): Promise<Standing> {
  const membership = await readMembership(host, signal)
  switch (membership.state) {
    case 'inactive':
      return { kind: 'outside' }
    case 'pending':
      return { kind: 'pending' }
    case 'active':
      return standingOfMember(host, membership, target, signal)
    default:
      throw precheckError(
        'swarm-state',
        `${host.name} cannot join: its swarm state is ${membership.state}${membership.error ? ` (${membership.error})` : ''}`,
        {
          host: host.name,
          hint:
            membership.state === 'locked'
              ? `belt --host ${host.name} docker swarm unlock`
              : `belt --host ${host.name} docker swarm leave --force, then join again`,
        },
      )
  }
}

async function standingOfMember(
  host: Host,
  membership: Membership,
  target: TargetSwarm,
  signal?: AbortSignal,
): Promise<Standing> {
  const node = (await target.readNodes()).find(candidate => candidate.id === membership.nodeId)
  if (node) return { kind: 'member', node }
  const clusterId = membership.clusterId ?? (await readCertificate(host, signal)).clusterId
  if (clusterId === target.clusterId && !membership.isManager) return { kind: 'expelled' }
  throw precheckError(
    'other-swarm',
    `${host.name} belongs to another swarm: ${clusterId}, not ${target.clusterId}`,
    {
      host: host.name,
      hint: `if that swarm may lose it: belt --host ${host.name} docker swarm leave, then join again`,
      details: { clusterId, wanted: target.clusterId },
    },
  )
}

function refuseWrongRole(host: Host, node: Node, target: TargetSwarm): void {
  if (node.role === target.role) return
  const verb = target.role === 'manager' ? 'promote' : 'demote'
  throw precheckError('wrong-role', `${host.name} is in this swarm already, but as a ${node.role}`, {
    host: host.name,
    hint: `belt swarm ${verb} ${host.name}`,
  })
}

async function requestJoin(
  host: Host,
  target: TargetSwarm,
  advertiseAddress: string | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const join = joinCommand({ token: target.token, managers: target.managers, advertiseAddress })
  const result = await host.run(join, { timeoutMs: JOIN_TIMEOUT_MS, signal })
  const response = parseEngineResponse(result.stdout)
  if (response?.status === 200) return
  const refusal = response ? refusalOf(response) : result.stderr.trim() || `exit code ${result.code}`
  if (CONTINUES_IN_BACKGROUND.test(refusal)) return
  throw new BeltError('join-failed', `${host.name}: ${refusal}`, {
    host: host.name,
    hint: `check that ${host.name} reaches ${target.managers.join(' or ')}, and a new manager is reached on that port too`,
  })
}

async function expectJoined(host: Host, target: TargetSwarm, signal?: AbortSignal): Promise<void> {
  const membership = await readMembership(host, signal)
  const node = (await target.readNodes()).find(candidate => candidate.id === membership.nodeId)
  const ready = node?.state === 'ready'
  const settled = target.role === 'worker' || (membership.isManager && node?.reachability === 'reachable')
  if (membership.state === 'active' && ready && settled) return
  const seen = node ? [node.state, node.reachability].filter(Boolean).join(', ') : 'not listed'
  throw new BeltError(
    'join-incomplete',
    `${host.name} has not joined yet: it says ${membership.error ?? membership.state}, the managers say ${seen}`,
    {
      host: host.name,
      hint: `belt --host ${host.name} docker info shows why; the same belt swarm join again goes on`,
    },
  )
}
