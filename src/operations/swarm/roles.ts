import type { Machine } from '../../drivers/driver.ts'
import { readNodes } from '../../steps/read-swarm.ts'
import type { Fleet } from '../fleet.ts'
import { activeMachine } from './active-manager.ts'
import { nodeOf } from './view.ts'

/**
 * The names of the machines that are managers and those that are workers, as the active host tells.
 * @throws when the active host is no manager or cannot be read
 */
export async function readRoles(
  fleet: Fleet,
  machines: readonly Machine[],
): Promise<{ managers: string[]; workers: string[] }> {
  const manager = await activeMachine(fleet, machines)
  const nodes = await readNodes(fleet.host(manager), fleet.signal)
  const withRole = (role: 'manager' | 'worker') =>
    machines.filter(machine => nodeOf(machine, nodes)?.role === role).map(machine => machine.name)
  return { managers: withRole('manager'), workers: withRole('worker') }
}
