import type { Host } from '../hosts/host.ts'
import type { Node } from '../remote/nodes.ts'
import { readCertificate } from './certificate.ts'
import { readMembership } from './membership.ts'
import { readNode } from './nodes.ts'

/** A node whose role is read or changed. */
export interface RoleTarget {
  /**
   * Finds a manager to ask. It is called for each request, because a manager may be lost in between. It must not return
   * the node itself, which drops its connections when its role changes.
   */
  readonly findManager: () => Promise<Host>
  readonly node: Node
  /** The node's own host; undefined if it does not answer. */
  readonly host: Host | undefined
  /** The addresses at which its machine is known to be reached. */
  readonly addresses?: readonly string[]
}

/**
 * Reads what keeps a role from being in effect: in the managers' list, on the host itself, and in its certificate, which
 * follows seconds later.
 * @returns undefined if the role is in effect
 */
export async function roleGap(
  target: RoleTarget,
  role: Node['role'],
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { role: listed, reachability } = await readNode(await target.findManager(), target.node, signal)
  if (listed !== role) return `the managers list it as a ${listed}`
  if (role === 'worker' && reachability !== undefined) return 'the managers still count it as a manager'
  if (role === 'manager' && reachability !== 'reachable')
    return `the managers report it as ${reachability ?? 'not a manager yet'}`
  return target.host && gapOnHost(target.host, role, signal)
}

async function gapOnHost(host: Host, role: Node['role'], signal?: AbortSignal): Promise<string | undefined> {
  const membership = await readMembership(host, signal)
  if (membership.error) return membership.error
  if (membership.state !== 'active') return `its own state is ${membership.state}`
  if (membership.isManager !== (role === 'manager')) return 'its engine has not changed its role'
  const certificate = await readCertificate(host, signal)
  return certificate.role === role ? undefined : `its certificate is still for a ${certificate.role}`
}
