import type { DrainImpact } from '../../domain/swarm/drain-forecast.ts'
import type { Machine } from '../../drivers/driver.ts'
import { type Answer, type FailedAnswer, failedOf, fanOut } from '../../hosts/fan-out.ts'
import { removeNode } from '../../steps/remove-node.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import { notTried } from '../one-by-one.ts'
import { changeRoles, checkRoles } from './change-roles.ts'
import { drainImpacts } from './drain.ts'
import { findManager } from './find-manager.ts'
import { leftButListed, removeNodes } from './remove.ts'
import { readMembers, type SwarmSelection } from './select-nodes.ts'
import { readSnapshot } from './snapshot.ts'

/** How nodes leave the swarm whose machines are about to be destroyed. Nothing has changed yet. */
export interface Retirement {
  /** They are drained, demoted, and leave before. */
  readonly answering: SwarmSelection
  /** They are demoted before, and removed from the list once their machines are gone. */
  readonly silent: SwarmSelection
  readonly impacts: readonly DrainImpact[]
}

/**
 * Plans how the nodes on machines leave the swarm.
 * @throws a quorum refusal (exit code 5); a precheck error if two machines are one node
 */
export async function planRetirement(fleet: Fleet, machines: readonly Machine[]): Promise<Retirement> {
  const { outside, ...view } = await readMembers(fleet, await readSnapshot(fleet), machines)
  const members = [...view.members, ...(await leftButListed(fleet, outside, view))]
  checkRoles({ ...view, members }, 'worker')
  const answering = { ...view, members: members.filter(({ unreachable }) => !unreachable) }
  const silent = { ...view, members: members.filter(({ unreachable }) => unreachable) }
  return { answering, silent, impacts: await drainImpacts(fleet, answering) }
}

/**
 * Takes nodes out of the swarm before their machines are destroyed.
 * @returns one answer for each node that was to be changed. If a manager that does not answer cannot be demoted, the nodes
 *   that answer are not tried
 * @throws as `removeNodes`
 */
export async function retire(
  fleet: Fleet,
  { answering, silent }: Retirement,
  drainDeadlineMs?: number,
): Promise<Answer<unknown>[]> {
  const managers = silent.members.filter(({ node }) => node.reachability !== undefined)
  const demoted =
    managers.length > 0 ? await changeRoles(fleet, { ...silent, members: managers }, 'worker') : []
  const [failed] = failedOf(demoted)
  // Without that demotion, the quorum was not checked for the loss of the others.
  if (failed) return [...demoted, ...answering.members.map(({ name }) => leftAsItIs(name, failed.host))]
  if (answering.members.length === 0) return demoted
  return [...demoted, ...(await removeNodes(fleet, { view: answering, unreachable: false }, drainDeadlineMs))]
}

function leftAsItIs(name: string, failedName: string): FailedAnswer {
  return { host: name, ok: false, error: notTried(name, failedName), durationMs: 0 }
}

/** Removes silent nodes from the list once their machines are gone. @returns one answer per node */
export async function dropGone(
  fleet: Fleet,
  { silent }: Retirement,
  destroyed: readonly string[],
): Promise<Answer<unknown>[]> {
  const gone = silent.members.filter(({ name }) => destroyed.includes(name))
  if (gone.length === 0) return []
  const { host } = await findManager(fleet, await fleet.machines.list(fleet.signal))
  return fanOut(gone, ({ node }) => perform(removeNode(host, node, fleet)), fleet)
}
