import type { Machine } from '../../drivers/driver.ts'
import { type Answer, fanOut } from '../../hosts/fan-out.ts'
import { readMembership } from '../../queries/membership.ts'
import type { Membership } from '../../remote/swarm.ts'
import type { Fleet } from '../fleet.ts'

/** Reads each host's own view of its swarm membership. Returns one answer per machine, including those that failed. */
export function readMemberships(fleet: Fleet, machines: readonly Machine[]): Promise<Answer<Membership>[]> {
  return fanOut(machines, (machine, slot) => readMembership(fleet.host(machine), fleet.signal, slot), fleet)
}
