import { foldShort } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { type Answer, fanOut } from '../../hosts/fan-out.ts'
import { whileSlow } from '../../progress.ts'
import { readMembership } from '../../queries/membership.ts'
import type { Membership } from '../../remote/swarm.ts'
import type { Fleet } from '../fleet.ts'

/** When this few hosts are left, they are named. */
const NAMED_LEFT = 10

/**
 * Reads each host's own view of its swarm membership, and shows which hosts it waits for.
 * @returns one answer per machine, including those that failed
 */
export function readMemberships(fleet: Fleet, machines: readonly Machine[]): Promise<Answer<Membership>[]> {
  const left = new Set(machines.map(({ name }) => name))
  return whileSlow(fleet.progress, 'Asking hosts', tell =>
    fanOut(machines, (machine, slot) => readMembership(fleet.host(machine), fleet.signal, slot), {
      ...fleet,
      onAnswer: ({ host }) => {
        left.delete(host)
        if (left.size > 0 && left.size <= NAMED_LEFT) tell(`waiting for ${foldShort(left)}`)
      },
    }),
  )
}
