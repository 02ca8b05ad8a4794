import { foldShort } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { reasonOf } from '../../errors.ts'
import { type Answer, type FailedAnswer, failedOf, fanOut } from '../../hosts/fan-out.ts'
import type { Host } from '../../hosts/host.ts'
import { readHostname } from '../../queries/hostname.ts'
import { readMembership } from '../../queries/membership.ts'
import { readNodes } from '../../queries/nodes.ts'
import { renameHost } from '../../steps/rename-host.ts'
import { perform } from '../../steps/step.ts'
import { pollUntil } from '../../waits/poll-until.ts'
import { assertMay } from '../assert-may.ts'
import type { Fleet } from '../fleet.ts'
import { assertChecksPassed, assertRestartable, LIVE_RESTORE } from '../restartable.ts'
import { selectMachines } from '../select-machines.ts'
import { findManager } from '../swarm/find-manager.ts'
import { afterOthers, restartEngines } from './restart-engines.ts'

/** A node tells its managers a new name every 20 s, without a restart. */
const SEEN = { deadlineMs: 45_000, everyMs: 2000 }

export interface Renaming {
  /** Whether each host had to be renamed; a failure also of one that did not tell afterwards what its engine uses. */
  readonly answers: Answer<boolean>[]
  /** Machines that their engine or the swarm still calls otherwise; none where that could not be read. */
  readonly stale: readonly Machine[]
}

/**
 * Calls hosts as their machines are called, and waits until their engines and the swarm do so as well. No engine is
 * restarted; those that would have to be are told.
 * @param seen how long the engines and the swarm may take, and how often they are asked, in milliseconds
 */
export async function renameHosts(fleet: Fleet, nodes: readonly string[], seen = SEEN): Promise<Renaming> {
  const machines = await selectMachines(fleet, nodes)
  const task = fleet.progress.start('Renaming', machines.length)
  const answers = await fanOut(machines, machine => perform(renameHost(fleet.host(machine), fleet.signal)), {
    ...fleet,
    onAnswer: answer => task.step(answer.host),
  })
  task.done()
  const named = machines.filter((_, index) => answers[index]?.ok)
  const { stale, unread } = await awaitNames(fleet, named, seen)
  const failures = new Map(unread.map(failure => [failure.host, failure]))
  return { answers: answers.map(answer => failures.get(answer.host) ?? answer), stale }
}

/**
 * Makes sure, before hosts are renamed, that the engines of those can be restarted that are not called as their machines
 * are: whether they will have to be is seen only afterwards. One that cannot be read is left to the renaming.
 * @throws a precheck error that names all hosts whose engines would not start again
 */
export async function assertRestartableIfRenamed(fleet: Fleet, nodes: readonly string[]): Promise<void> {
  const machines = await selectMachines(fleet, nodes)
  const look = async (machine: Machine) => {
    const host = fleet.host(machine)
    const { live, engine } = await readHostname(host, fleet.signal)
    if (live !== host.name || (engine ?? host.name) !== host.name) await assertRestartable(host, fleet.signal)
  }
  const failures = failedOf(await fanOut(machines, look, fleet))
  assertChecksPassed(failures.filter(({ error }) => error.code === LIVE_RESTORE))
}

/**
 * Renames hosts, and then restarts the engines that still use an old name.
 * @param onRenamed is given the result of the renaming, before any engine is restarted
 * @param confirm is asked before engines are restarted, and throws to cancel that
 * @throws before anything is changed, a precheck error that names all hosts whose engines would not start again, or whose
 *   login user may not become root
 */
export async function renameAndRestart(
  fleet: Fleet,
  nodes: readonly string[],
  { onRenamed, confirm }: { onRenamed(renaming: Renaming): void; confirm(stale: string[]): Promise<void> },
): Promise<Renaming> {
  await assertMay(fleet, await selectMachines(fleet, nodes), 'root')
  await assertRestartableIfRenamed(fleet, nodes)
  const renaming = await renameHosts(fleet, nodes)
  onRenamed(renaming)
  if (renaming.stale.length === 0) return renaming
  await confirm(renaming.stale.map(({ name }) => name))
  await restartStale(fleet, renaming)
  return renaming
}

/** The names of those that were renamed. */
export function renamedOf({ answers }: Renaming): string[] {
  return answers.filter(answer => answer.ok && answer.value).map(answer => answer.host)
}

/** Restarts the engines that still use an old name. @throws what stops that, with those that were renamed before */
export async function restartStale(fleet: Fleet, renaming: Renaming): Promise<void> {
  // The user may have thought about the question for a while.
  fleet.machines.forget()
  try {
    await restartEngines(fleet, renaming.stale)
  } catch (error) {
    const renamed = renamedOf(renaming)
    throw renamed.length === 0 ? error : afterOthers(error, `renamed before that: ${foldShort(renamed)}`)
  }
}

/** Who is called what, as far as it could be read. */
interface NamesInUse {
  readonly stale: readonly Machine[]
  readonly unread: readonly FailedAnswer[]
}

async function awaitNames(
  fleet: Fleet,
  machines: readonly Machine[],
  seen: typeof SEEN,
): Promise<NamesInUse> {
  const unknown: NamesInUse = { stale: [], unread: [] }
  if (machines.length === 0) return unknown
  const task = fleet.progress.start('Waiting for the engines and the swarm to use the new names')
  try {
    const names = await pollUntil(() => namesInUse(fleet, machines), awaitedOf, {
      ...seen,
      signal: fleet.signal,
      clock: fleet.clock,
      onWait: awaited => task.update(awaited),
    })
    const awaited = awaitedOf(names)
    if (awaited === undefined) task.done()
    else task.fail(awaited)
    return names
  } catch (error) {
    fleet.signal.throwIfAborted()
    task.fail(reasonOf(error))
    fleet.progress.note(
      `cannot tell whether the swarm uses the new names: ${reasonOf(error)}; belt swarm status shows them`,
    )
    return unknown
  }
}

/** The machines whose new names are not in use yet, or could not be read; undefined if there are none. */
function awaitedOf({ stale, unread }: NamesInUse): string | undefined {
  const names = [...stale.map(({ name }) => name), ...unread.map(({ host }) => host)]
  return names.length > 0 ? foldShort(names) : undefined
}

/** @throws when the swarm cannot be asked */
async function namesInUse(fleet: Fleet, machines: readonly Machine[]): Promise<NamesInUse> {
  const readings = await fanOut(machines, machine => readEngine(fleet.host(machine), fleet.signal), fleet)
  const listed = await listedNames(
    fleet,
    readings.flatMap(reading => (reading.ok && reading.value.nodeId ? [reading.value.nodeId] : [])),
  )
  const stale = machines.filter(({ name }, index) => {
    const reading = readings[index]
    if (!reading?.ok) return false
    const { engine, nodeId = '' } = reading.value
    return [engine, listed.get(nodeId)].some(other => other !== undefined && other !== name)
  })
  return { stale, unread: failedOf(readings) }
}

/** What an engine calls its host, and the node that it is; nothing of both where there is no engine. */
async function readEngine(
  host: Host,
  signal: AbortSignal,
): Promise<{ engine?: string | undefined; nodeId?: string | undefined }> {
  const { engine } = await readHostname(host, signal)
  if (engine === undefined) return {}
  const { state, nodeId } = await readMembership(host, signal)
  return { engine, nodeId: state === 'active' ? nodeId : undefined }
}

/** What the swarm calls nodes, by their ids. */
async function listedNames(fleet: Fleet, nodeIds: readonly string[]): Promise<Map<string, string>> {
  if (nodeIds.length === 0) return new Map()
  const { host } = await findManager(fleet, await fleet.machines.list(fleet.signal))
  const nodes = await readNodes(host, fleet.signal)
  return new Map(nodes.map(({ id, hostname }) => [id, hostname]))
}
