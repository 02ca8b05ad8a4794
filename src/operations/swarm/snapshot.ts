import type { Machine } from '../../drivers/driver.ts'
import { readNodes } from '../../queries/nodes.ts'
import type { Node } from '../../remote/nodes.ts'
import type { Fleet } from '../fleet.ts'
import { findManager, type Manager } from './find-manager.ts'

/** A swarm at one moment. Read it once per phase of an operation, and pass it on. */
export interface SwarmSnapshot {
  /** All machines of the cluster. */
  readonly machines: readonly Machine[]
  /** The manager that listed the nodes. */
  readonly manager: Manager
  /** All nodes of the swarm. */
  readonly nodes: readonly Node[]
}

/**
 * Reads the swarm through one of its managers.
 * @throws a quorum error (exit code 5) if managers answer but have no leader; a precheck error if no manager answers
 */
export async function readSnapshot(fleet: Fleet): Promise<SwarmSnapshot> {
  const machines = await fleet.machines.list(fleet.signal)
  const manager = await findManager(fleet, machines)
  return { machines, manager, nodes: await readNodes(manager.host, fleet.signal) }
}
