import type { Machine } from '../../drivers/driver.ts'
import { readNodes } from '../../steps/read-swarm.ts'
import type { Fleet } from '../fleet.ts'
import { findManager } from './manager.ts'
import { nodeOf } from './view.ts'

/**
 * The names of the machines that are managers and those that are workers, as a manager tells.
 * @throws when no manager answers
 */
export async function readRoles(
  fleet: Fleet,
  machines: readonly Machine[],
): Promise<{ managers: string[]; workers: string[] }> {
  const { host } = await findManager(fleet, machines)
  const nodes = await readNodes(host, fleet.signal)
  const withRole = (role: 'manager' | 'worker') =>
    machines.filter(machine => nodeOf(machine, nodes)?.role === role).map(machine => machine.name)
  return { managers: withRole('manager'), workers: withRole('worker') }
}
