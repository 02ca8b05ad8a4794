import { leaderLast } from '../../domain/quorum.ts'
import { foldShort } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { amended, BeltError, ExitCode, exitCodeAfterChange } from '../../errors.ts'
import { readMembership } from '../../queries/membership.ts'
import { readNodes } from '../../queries/nodes.ts'
import type { Node } from '../../remote/nodes.ts'
import { restartEngine } from '../../steps/restart-engine.ts'
import { perform } from '../../steps/step.ts'
import { assertMay } from '../assert-may.ts'
import type { Fleet } from '../fleet.ts'
import { assertHostsRestartable } from '../restartable.ts'
import { findManager } from '../swarm/find-manager.ts'
import { managersAmong } from '../swarm/match-nodes.ts'
import { assertQuorumSurvives, groupOf } from '../swarm/quorum-guard.ts'
import { unlockKeyOf } from '../swarm/unlock-key.ts'

/**
 * Restarts engines one at a time, for `belt hostname --restart`: workers first, then managers, the leader last. The next engine restarts only when the
 * last one is back, and the first that does not come back ends the run. With autolock, a manager is unlocked with the
 * key that another manager gives.
 * @throws a precheck error before the first restart when an engine would not start again; a quorum refusal (`refused to
 *   restart mg1: …`) before the restart of a manager that the swarm needs
 */
export async function restartEngines(fleet: Fleet, machines: readonly Machine[]): Promise<void> {
  const all = await fleet.machines.list(fleet.signal)
  const task = fleet.progress.start('Restarting engines', machines.length)
  const restarted: string[] = []
  try {
    await assertMay(fleet, machines, 'root')
    await assertHostsRestartable(fleet, machines)
    for (const machine of await inOrder(fleet, all, machines)) {
      task.update(machine.name)
      await restartOne(fleet, all, machine)
      restarted.push(machine.name)
      task.step(machine.name)
    }
    task.done()
  } catch (error) {
    task.fail('stopped')
    if (restarted.length === 0) throw error
    throw afterOthers(error, `restarted before that: ${foldShort(restarted)}`)
  }
}

/** A failure after other machines were changed, with what was done to them. */
export function afterOthers(error: unknown, done: string): unknown {
  if (!(error instanceof BeltError)) return error
  const exitCode = exitCodeAfterChange(error, ExitCode.partial)
  return amended(error, `${error.message}\n${done}`, { exitCode })
}

async function restartOne(fleet: Fleet, all: readonly Machine[], machine: Machine): Promise<void> {
  const { signal, clock } = fleet
  const host = fleet.host(machine)
  const membership = await readMembership(host, signal)
  if (membership.state === 'inactive')
    return void (await perform(restartEngine(host, undefined, { signal, clock })))
  if (membership.isManager) await assertNotNeeded(fleet, all, machine)
  const other = await findManager(fleet, all, [machine.name])
  const unlockKey = membership.isManager ? await unlockKeyOf(other.host, fleet.signal) : undefined
  const managers = managersAmong(all, await readNodes(other.host, fleet.signal))
  const findOther = async () => (await findManager(fleet, managers, [machine.name])).host
  await perform(restartEngine(host, findOther, { unlockKey, signal, clock }))
}

async function assertNotNeeded(fleet: Fleet, all: readonly Machine[], { name }: Machine): Promise<void> {
  const { host } = await findManager(fleet, all)
  assertQuorumSurvives(groupOf(await readNodes(host, fleet.signal)), ['stop'], {
    action: `restart ${name}`,
    host: name,
    hint: `belt swarm status shows what is missing; to accept an outage: belt exec ${name} -- systemctl restart docker`,
  })
}

/** Workers and hosts in no swarm first, then managers, the leader last. */
async function inOrder(
  fleet: Fleet,
  all: readonly Machine[],
  machines: readonly Machine[],
): Promise<Machine[]> {
  const hosts = await Promise.all(
    machines.map(async machine => {
      const { isManager, nodeId } = await readMembership(fleet.host(machine), fleet.signal)
      return { machine, isManager, nodeId }
    }),
  )
  const leader = hosts.some(({ isManager }) => isManager) ? await leaderOf(fleet, all) : undefined
  return hosts
    .map(host => ({ ...host, isLeader: host.isManager && host.nodeId === leader?.id }))
    .sort((a, b) => Number(a.isManager) - Number(b.isManager) || leaderLast(a, b))
    .map(({ machine }) => machine)
}

async function leaderOf(fleet: Fleet, all: readonly Machine[]): Promise<Node | undefined> {
  const { host } = await findManager(fleet, all)
  return (await readNodes(host, fleet.signal)).find(({ isLeader }) => isLeader)
}
