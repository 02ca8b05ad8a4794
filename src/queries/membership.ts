import { readEngine } from '../hosts/engine-client.ts'
import type { Host } from '../hosts/host.ts'
import type { Slot } from '../hosts/slots.ts'
import { type Membership, membershipRequest, parseMembership } from '../remote/swarm.ts'
import { readCertificate } from './certificate.ts'

/** Reads a host's own view of its membership in a swarm. @throws when it cannot be read: never a guess instead */
export function readMembership(host: Host, signal?: AbortSignal, slot?: Slot): Promise<Membership> {
  return readEngine(host, membershipRequest, parseMembership, { signal, slot })
}

/**
 * Reads which node a host is, even while its engine starts that node again and reports no id.
 * @returns undefined for a host outside any swarm
 * @throws when it cannot be read
 */
export async function readNodeId(host: Host, signal?: AbortSignal): Promise<string | undefined> {
  const { state, nodeId } = await readMembership(host, signal)
  if (nodeId !== undefined || state === 'inactive') return nodeId
  return (await readCertificate(host, signal)).nodeId
}

/** Describes what a host is in its swarm, for a message: `a worker`, `locked`, `pending (its reason)`. */
export function membershipText({ state, isManager, error }: Membership): string {
  const role = isManager ? 'a manager' : 'a worker'
  const text = state === 'active' ? role : state
  return error ? `${text} (${error})` : text
}
