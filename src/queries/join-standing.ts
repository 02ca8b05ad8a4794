import { precheckError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import type { Node, NodeState } from '../remote/nodes.ts'
import type { Membership } from '../remote/swarm.ts'
import { readCertificate } from './certificate.ts'
import { readMembership } from './membership.ts'

/** The managers of a swarm, asked on behalf of many hosts at once. */
export interface SwarmManagers {
  /** The nodes as a manager sees them now. @throws when they cannot be read */
  nodes(): Promise<readonly Node[]>
  /** The same at little cost, for repeated reads. @throws when they cannot be read */
  states(): Promise<readonly NodeState[]>
}

/** The swarm that a host joins. */
export interface SwarmToJoin {
  readonly clusterId: string
  readonly role: 'worker' | 'manager'
  readonly token: string
  /** Addresses of managers to join through, `address:port`, in the order in which they are tried. */
  readonly addresses: readonly string[]
  readonly managers: SwarmManagers
}

/** How a host relates to the swarm that it is about to join. */
export type JoinStanding =
  | { readonly kind: 'outside' }
  | { readonly kind: 'member'; readonly node: Node }
  /** A join is in progress, or a member does not reach its managers. */
  | { readonly kind: 'pending' }
  /** The engine gave up a join, and stays in the state `error`. */
  | { readonly kind: 'given-up' }
  /** The managers removed the node, and its host does not know. */
  | { readonly kind: 'expelled' }

/** What an engine says of a manager that it does not reach. */
const UNREACHED = /Error while dialing/

/**
 * Reads how a host relates to the swarm.
 * @throws a precheck error when it cannot join as it is, or belongs to another swarm
 */
export async function readJoinStanding(
  host: Host,
  swarm: SwarmToJoin,
  signal?: AbortSignal,
): Promise<JoinStanding> {
  const membership = await readMembership(host, signal)
  switch (membership.state) {
    case 'inactive':
      return { kind: 'outside' }
    case 'pending':
      return { kind: (await isExpelled(host, swarm, signal)) ? 'expelled' : 'pending' }
    case 'active':
      return memberStanding(host, membership, swarm, signal)
    default:
      // A member whose managers are away is pending, not this.
      if (membership.state === 'error' && UNREACHED.test(membership.error ?? '')) return { kind: 'given-up' }
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

/**
 * Whether the managers have removed a worker that tries to come back, which it never can. Its certificate names it. A host
 * that joins has no certificate yet, or is listed.
 */
async function isExpelled(host: Host, swarm: SwarmToJoin, signal?: AbortSignal): Promise<boolean> {
  const certificate = await readCertificate(host, signal).catch(() => undefined)
  if (certificate?.nodeId === undefined || certificate.role === 'manager') return false
  if (certificate.clusterId !== swarm.clusterId) return false
  return !(await swarm.managers.nodes()).some(({ id }) => id === certificate.nodeId)
}

async function memberStanding(
  host: Host,
  membership: Membership,
  swarm: SwarmToJoin,
  signal?: AbortSignal,
): Promise<JoinStanding> {
  const node = (await swarm.managers.nodes()).find(candidate => candidate.id === membership.nodeId)
  if (node) return { kind: 'member', node }
  const clusterId = membership.clusterId ?? (await readCertificate(host, signal)).clusterId
  if (clusterId === swarm.clusterId && !membership.isManager) return { kind: 'expelled' }
  throw precheckError(
    'other-swarm',
    `${host.name} belongs to another swarm: ${clusterId}, not ${swarm.clusterId}`,
    {
      host: host.name,
      hint: `if that swarm may lose it: belt --host ${host.name} docker swarm leave, then join again`,
      details: { clusterId, wanted: swarm.clusterId },
    },
  )
}

/** @throws a precheck error when a member has the other role */
export function assertRole(host: Host, node: Node, swarm: SwarmToJoin): void {
  if (node.role === swarm.role) return
  const verb = swarm.role === 'manager' ? 'promote' : 'demote'
  throw precheckError('wrong-role', `${host.name} is in this swarm already, but as a ${node.role}`, {
    host: host.name,
    hint: `belt swarm ${verb} ${host.name}`,
  })
}
