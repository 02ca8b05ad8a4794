import type { Machine } from '../../drivers/driver.ts'
import { reasonOf } from '../../errors.ts'
import { failedOf } from '../../hosts/fan-out.ts'
import type { Host } from '../../hosts/host.ts'
import { readHostname } from '../../queries/hostname.ts'
import { readMembership } from '../../queries/membership.ts'
import { readNodes } from '../../queries/nodes.ts'
import type { Node } from '../../remote/nodes.ts'
import { removeNode } from '../../steps/remove-node.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import { readMemberships } from './read-memberships.ts'

/**
 * Removes the node that a failed join as a manager left behind. That node was to become a manager but did not, has the
 * name of the host, belongs to no machine, and is down. Removes nothing while the join continues. If the node cannot be
 * read or removed, that is noted and the node stays.
 */
export async function clearGhosts(fleet: Fleet, manager: Host, machine: Machine): Promise<void> {
  const { signal, progress } = fleet
  if (signal.aborted) return
  try {
    const host = fleet.host(machine)
    if ((await readMembership(host, signal)).state !== 'inactive') return
    const { live } = await readHostname(host, signal)
    const suspects = (await readNodes(manager, signal)).filter(node => isHalfManager(node, live))
    if (suspects.length === 0) return
    const own = await nodeIdsOfFleet(fleet)
    for (const node of suspects.filter(({ id }) => !own.has(id))) {
      await perform(removeNode(manager, node, fleet))
      progress.note(`${machine.name}: removed the node that its failed join had left (${node.id})`)
    }
  } catch (error) {
    progress.note(
      `${machine.name}: its failed join may have left a node behind, which belt swarm status shows: ${reasonOf(error)}`,
    )
  }
}

function isHalfManager({ hostname, role, reachability }: Node, wanted: string): boolean {
  return hostname === wanted && role === 'manager' && reachability === undefined
}

/** @throws if a host cannot be asked: the node may be its own */
async function nodeIdsOfFleet(fleet: Fleet): Promise<Set<string | undefined>> {
  // A machine that was made during the joins may be the node that would be removed.
  fleet.machines.forget()
  const answers = await readMemberships(fleet, await fleet.machines.list(fleet.signal))
  for (const { error } of failedOf(answers)) throw error
  return new Set(answers.map(answer => (answer.ok ? answer.value.nodeId : undefined)))
}
