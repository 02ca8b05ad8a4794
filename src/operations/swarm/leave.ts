import { foldShort } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { BeltError, ExitCode } from '../../errors.ts'
import { type Answer, type FailedAnswer, failedOf, fanOut } from '../../hosts/fan-out.ts'
import { readCertificate } from '../../queries/certificate.ts'
import { readNodes } from '../../queries/nodes.ts'
import type { Membership } from '../../remote/swarm.ts'
import { leaveSwarm } from '../../steps/leave-swarm.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import { selectMachines } from '../select-machines.ts'
import { findManager } from './find-manager.ts'
import { quorumError } from './quorum-guard.ts'
import { readMemberships } from './read-memberships.ts'

/** The hosts that would leave, checked. Nothing was changed yet. */
export interface Departure {
  /** Includes hosts that are in no swarm, because they have left already. */
  readonly workers: readonly Machine[]
  readonly managers: readonly Machine[]
  /** The hosts that could not be read. Any of them may be a manager, so none is asked to leave. */
  readonly unread: readonly FailedAnswer[]
}

/**
 * Checks which hosts would leave.
 * @param force also lets managers leave, but only together with all managers of their swarm
 * @throws a quorum error (exit code 5) if a manager would leave other managers behind
 */
export async function planDeparture(
  fleet: Fleet,
  machines: readonly Machine[],
  force: boolean,
): Promise<Departure> {
  const answers = await readMemberships(fleet, machines)
  const members = answers.flatMap((answer, index) => {
    const machine = machines[index]
    return answer.ok && machine ? [{ machine, membership: answer.value }] : []
  })
  const those = (isManager: boolean) =>
    members.filter(({ membership }) => membership.isManager === isManager).map(({ machine }) => machine)
  const managers = those(true)
  if (managers.length > 0 && !force) throw managersNamed(managers)
  if (managers.length > 0) assertNoneStranded(await withoutExpelled(fleet, members))
  return { workers: those(false), managers, unread: failedOf(answers) }
}

/** Whether the swarm ends because its managers leave. `planDeparture` lets them leave only all together. */
export function endsSwarm({ managers }: Departure): boolean {
  return managers.length > 0
}

/**
 * Makes the hosts that an expression names leave their swarm.
 * @param force also lets managers leave, as in `planDeparture`
 * @param confirm called with the hosts that would leave, if there are any; throws to cancel
 * @throws as `planDeparture`
 */
export async function leaveAll(
  fleet: Fleet,
  expression: readonly string[],
  { force, confirm }: { force: boolean; confirm(departure: Departure): Promise<void> },
): Promise<Answer<boolean>[]> {
  const departure = await planDeparture(fleet, await selectMachines(fleet, expression), force)
  if (departure.workers.length + departure.managers.length > 0) await confirm(departure)
  return leaveNodes(fleet, departure)
}

function managersNamed(managers: readonly Machine[]): BeltError {
  const names = foldShort(managers.map(({ name }) => name))
  return new BeltError(
    'still-a-manager',
    `${names} cannot leave as managers: the other managers would wait for them forever`,
    {
      exitCode: ExitCode.quorum,
      hint: 'belt swarm remove removes them safely; to end the swarm, name all its managers with --force',
    },
  )
}

interface Leaving {
  readonly machine: Machine
  readonly membership: Membership
}

/**
 * Leaves out managers that the others have removed. The other managers do not count them, even if the host does not
 * know.
 */
async function withoutExpelled(fleet: Fleet, members: readonly Leaving[]): Promise<Membership[]> {
  const names = members.map(({ machine }) => machine.name)
  const others = await findManager(fleet, await fleet.machines.list(fleet.signal), names).catch(
    () => undefined,
  )
  const nodes = others && (await readNodes(others.host, fleet.signal))
  const kept: Membership[] = []
  for (const { machine, membership } of members) {
    const listed = nodes?.some(({ id }) => id === membership.nodeId) ?? true
    const expelled =
      !listed && (await readCertificate(fleet.host(machine), fleet.signal)).clusterId === others?.clusterId
    if (!expelled) kept.push(membership)
  }
  return kept
}

function assertNoneStranded(leaving: readonly Membership[]): void {
  const ids = new Set(leaving.map(({ nodeId }) => nodeId))
  const left = new Set(
    leaving
      .filter(({ isManager }) => isManager)
      .flatMap(({ managers }) => managers.map(({ nodeId }) => nodeId))
      .filter(id => !ids.has(id)),
  )
  if (left.size === 0) return
  throw quorumError(`${left.size} other managers of the swarm would be left behind`, {
    hint: 'belt swarm remove removes managers one by one; to end the swarm, name all managers',
    details: { left: [...left] },
  })
}

/**
 * Lets hosts leave their swarm, workers first. Their nodes stay listed as down while other managers exist.
 * @returns one answer per host; an error for hosts that could not be read
 */
export async function leaveNodes(
  fleet: Fleet,
  { workers, managers, unread }: Departure,
): Promise<Answer<boolean>[]> {
  const leave = (force: boolean) => (machine: Machine) =>
    perform(leaveSwarm(fleet.host(machine), { force }, fleet))
  const { concurrency, signal } = fleet
  const first = await fanOut(workers, async machine => leave(false)(machine), { concurrency, signal })
  const then = await fanOut(managers, async machine => leave(true)(machine), { concurrency, signal })
  return [...first, ...then, ...unread]
}
