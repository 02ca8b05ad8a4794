import type { HostReading } from '../../domain/swarm/ledger.ts'
import type { Machine } from '../../drivers/driver.ts'
import { isDenied } from '../../errors.ts'
import { isUnreadable } from '../../hosts/engine-client.ts'
import { reasonWithoutHost } from '../../hosts/failure-lines.ts'
import { type Answer, type FailedAnswer, fanOut } from '../../hosts/fan-out.ts'
import { readLostAddress } from '../../queries/addresses.ts'
import { readCertificate } from '../../queries/certificate.ts'
import type { Certificate } from '../../remote/certificate.ts'
import type { Node } from '../../remote/nodes.ts'
import type { Membership } from '../../remote/swarm.ts'
import type { Fleet } from '../fleet.ts'
import { addressesOf } from '../machines/address.ts'

/**
 * What a host says of its own membership, with what its machine shows where that is not enough.
 * @param nodes the nodes as the managers list them, by id; undefined if none could
 */
export async function hostReading(
  fleet: Fleet,
  machine: Machine,
  answer: Answer<Membership> | undefined,
  nodes: ReadonlyMap<string | undefined, Node> | undefined,
): Promise<HostReading> {
  if (machine.status === 'off') return { kind: 'unread', reason: 'its machine is switched off', isOff: true }
  if (!answer?.ok) return unreadFor(answer)
  const { state, isManager, nodeId, clusterId, error, hasExpired } = answer.value
  const node = nodes?.get(nodeId)
  const isUnlisted = nodes !== undefined && nodeId !== undefined && !node
  // An engine that could not start its node does not say which one that is.
  const isNameless = state !== 'inactive' && nodeId === undefined
  const read = isUnlisted || isNameless ? await certificateOf(fleet, machine) : undefined
  if (read && !read.ok && isDenied(read.error)) return unreadFor(read)
  const certificate = read?.ok ? read.value : undefined
  return {
    ...{ kind: 'read', state, isManager, error },
    nodeId: nodeId ?? certificate?.nodeId,
    clusterId: isUnlisted ? certificate?.clusterId : (clusterId ?? certificate?.clusterId),
    expired: hasExpired ? { at: certificate?.ends } : undefined,
    lostAddress: node && isSilent(node) ? await lostAddressOf(fleet, machine, answer.value) : undefined,
  }
}

/** Whether the other managers do not reach a manager. */
function isSilent({ role, reachability, state }: Node): boolean {
  return (
    (role === 'manager' && reachability !== 'reachable') || (reachability !== undefined && state !== 'ready')
  )
}

/** Why there is no reading: the host does not answer, or does not let its login user read. */
function unreadFor(answer: FailedAnswer | undefined): HostReading {
  if (!answer) return { kind: 'unread', reason: 'not asked' }
  const { error, host } = answer
  if (isDenied(error)) return { kind: 'denied', reason: reasonWithoutHost(error, host) }
  return { kind: 'unread', reason: error.message, hasAnswered: isUnreadable(error) }
}

/** What cannot be read is left out: the row then says less, and nothing wrong. */
async function certificateOf(fleet: Fleet, machine: Machine): Promise<Answer<Certificate> | undefined> {
  const [answer] = await fanOut([machine], () => readCertificate(fleet.host(machine), fleet.signal))
  return answer
}

async function lostAddressOf(
  fleet: Fleet,
  machine: Machine,
  membership: Membership,
): Promise<string | undefined> {
  return readLostAddress(fleet.host(machine), membership, addressesOf(machine), fleet.signal).catch(
    () => undefined,
  )
}
