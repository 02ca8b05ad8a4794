import type { Machine } from '../../drivers/driver.ts'
import type { Fleet } from '../fleet.ts'
import { contentsOn, type HostContents } from './contents.ts'
import { type Destruction, destroyMachines, selectForRemoval, sweepUp } from './destroy.ts'
import { type SwarmImpact, swarmImpact } from './impact.ts'

/** The machines that would be destroyed, and what the swarm would lose with them. Nothing has changed yet. */
export interface DestructionPlan {
  readonly machines: readonly Machine[]
  readonly impact: SwarmImpact
  /** What is lost with the machines besides tasks. It is not asked for if the whole cluster goes. */
  readonly contents: readonly HostContents[]
}

export interface RemoveMachinesOptions {
  /** Whether to proceed if no manager can confirm what the swarm would lose. */
  readonly swarmLost: boolean
  /** Asked before anything is destroyed; throws to cancel. */
  confirm(plan: DestructionPlan): Promise<void>
}

/**
 * Destroys the machines that an expression names. If it names none, and so the whole of an empty cluster, removes
 * what an interrupted create left.
 * @throws a usage error for unknown names; a quorum refusal if the swarm would lose its quorum; a precheck error if
 *   that is unknown
 */
export async function removeMachines(
  fleet: Fleet,
  expression: readonly string[],
  { swarmLost, confirm }: RemoveMachinesOptions,
): Promise<Destruction> {
  const all = await fleet.machines.list(fleet.signal)
  const machines = await selectForRemoval(fleet, expression)
  if (machines.length === 0) {
    await sweepUp(fleet)
    return { destroyed: [], failures: [] }
  }
  const impact = await swarmImpact(fleet, all, machines, swarmLost)
  const contents = machines.length === all.length ? [] : await contentsOn(fleet, machines)
  await confirm({ machines, impact, contents })
  return destroyMachines(fleet, machines)
}
