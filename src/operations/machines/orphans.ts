import type { Machine } from '../../drivers/driver.ts'
import type { Fleet } from '../fleet.ts'

export interface Orphan extends Machine {
  /** Why nobody vouches for it. */
  readonly why: 'unfinished' | 'unknown'
}

/**
 * Machines that carry the cluster's mark and that no finished create of this working copy accounts for: left over from
 * a create that did not end, or made from elsewhere.
 */
export async function orphanMachines(fleet: Fleet): Promise<Orphan[]> {
  const [machines, creates] = await Promise.all([fleet.machines.list(fleet.signal), fleet.creates.read()])
  return machines.flatMap(machine => {
    const own = creates.filter(({ id, names }) =>
      machine.operation === undefined ? names.includes(machine.name) : id === machine.operation,
    )
    if (own.some(({ open }) => !open.includes(machine.name))) return []
    return [{ ...machine, why: own.length > 0 ? ('unfinished' as const) : ('unknown' as const) }]
  })
}
