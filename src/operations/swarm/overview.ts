import type { Machine } from '../../drivers/driver.ts'
import { reasonOf } from '../../errors.ts'
import { readMembership } from '../../queries/membership.ts'
import { readNodes } from '../../queries/nodes.ts'
import type { Fleet } from '../fleet.ts'
import { activeMachine } from './active-machine.ts'
import { nodeOf } from './match-nodes.ts'

/** A cluster in one line. `unknown` lists what could not be read, which is never shown as absent. */
export interface Overview {
  readonly cluster: string
  readonly activeHost: string | undefined
  readonly leader: string | undefined
  readonly managers: readonly string[]
  readonly machines: { readonly active: number; readonly total: number } | undefined
  /** Why a part is missing. */
  readonly unknown: string | undefined
}

/** Reads a cluster: its machines from the driver, its managers from the active host. */
export async function overviewOf(fleet: Fleet): Promise<Overview> {
  const activeHost = await fleet.activeHost.get()
  const nothing = { cluster: fleet.cluster, activeHost, leader: undefined, managers: [] }
  let machines: readonly Machine[]
  try {
    machines = await fleet.machines.list(fleet.signal)
  } catch (error) {
    return { ...nothing, machines: undefined, unknown: reasonOf(error) }
  }
  const counted = {
    active: machines.filter(machine => machine.status === 'active').length,
    total: machines.length,
  }
  if (activeHost === undefined) return { ...nothing, machines: counted, unknown: undefined }
  try {
    return { ...nothing, ...(await managersOf(fleet, machines)), machines: counted, unknown: undefined }
  } catch (error) {
    return { ...nothing, machines: counted, unknown: reasonOf(error) }
  }
}

async function managersOf(
  fleet: Fleet,
  machines: readonly Machine[],
): Promise<Pick<Overview, 'leader' | 'managers'>> {
  const host = fleet.host(await activeMachine(fleet, machines))
  const membership = await readMembership(host, fleet.signal)
  if (membership.state === 'inactive') return { leader: undefined, managers: [] }
  const nodes = await readNodes(host, fleet.signal)
  const managers = machines.filter(machine => nodeOf(machine, nodes)?.reachability !== undefined)
  const leader = managers.find(machine => nodeOf(machine, nodes)?.isLeader)
  return { leader: leader?.name, managers: managers.map(machine => machine.name) }
}
