import { precheckError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import type { Node, NodeState } from '../remote/nodes.ts'
import type { Membership } from '../remote/swarm.ts'
import { readCertificate, readMembership } from './read-swarm.ts'

/** The swarm to join, as its managers tell it. */
export interface TargetSwarm {
  readonly clusterId: string
  readonly role: 'worker' | 'manager'
  readonly token: string
  /** Where to join, `address:port`, in the order in which they are tried. */
  readonly managers: readonly string[]
  /** The nodes as a manager sees them now. */
  readNodes(): Promise<readonly Node[]>
  /** The same at little cost, for those who ask again and again. */
  readStates(): Promise<readonly NodeState[]>
  /**
   * Does what loads the managers, as soon as they bear it.
   * @param work is handed what tells them to be overloaded
   */
  paced<T>(work: (strained: () => void) => Promise<T>): Promise<T>
}

/** Where a host stands with respect to the swarm that it shall join. */
export type Standing =
  | { readonly kind: 'outside' }
  | { readonly kind: 'member'; readonly node: Node }
  /** A join that was begun and has not ended. */
  | { readonly kind: 'pending' }
  /** A join that was begun and came to nothing, which the engine keeps as its state. */
  | { readonly kind: 'given-up' }
  /** Removed by the managers, and not aware of it. */
  | { readonly kind: 'expelled' }

/** What an engine says of a manager that it does not reach. */
const UNREACHED = /Error while dialing/

/**
 * Tells where a host stands.
 * @throws a precheck error when it cannot join as it is, or belongs to another swarm
 */
export async function standingOf(host: Host, target: TargetSwarm, signal?: AbortSignal): Promise<Standing> {
  const membership = await readMembership(host, signal)
  switch (membership.state) {
    case 'inactive':
      return { kind: 'outside' }
    case 'pending':
      return { kind: 'pending' }
    case 'active':
      return standingOfMember(host, membership, target, signal)
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

/** @throws a precheck error when a member has the other role */
export function refuseWrongRole(host: Host, node: Node, target: TargetSwarm): void {
  if (node.role === target.role) return
  const verb = target.role === 'manager' ? 'promote' : 'demote'
  throw precheckError('wrong-role', `${host.name} is in this swarm already, but as a ${node.role}`, {
    host: host.name,
    hint: `belt swarm ${verb} ${host.name}`,
  })
}
