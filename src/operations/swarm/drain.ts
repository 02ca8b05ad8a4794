import { fold } from '../../domain/ranges.ts'
import { DrainForecast, type DrainImpact } from '../../domain/swarm/drain-forecast.ts'
import { isAlive } from '../../domain/swarm/workload.ts'
import { amended, BeltError, exitCodeAfterChange, reasonOf } from '../../errors.ts'
import { failedOf, fanOut } from '../../hosts/fan-out.ts'
import type { Host } from '../../hosts/host.ts'
import { readServices, readTasks, withNetworkPlugins } from '../../queries/services.ts'
import { type Availability, type Node, UPDATES_AT_ONCE } from '../../remote/nodes.ts'
import { setAvailability } from '../../steps/set-availability.ts'
import { perform } from '../../steps/step.ts'
import { awaitDrained, beforeDrain, DrainError, drainDeadlineMs } from '../../waits/await-drained.ts'
import type { Fleet } from '../fleet.ts'
import { findManager } from './find-manager.ts'
import { managersAmong } from './match-nodes.ts'
import type { Member, SwarmSelection } from './select-nodes.ts'

/** How long to look for a manager that restores the nodes. Longer than an election. */
const PUT_BACK_MS = 60_000

/** A node that was drained. */
export interface Drained {
  readonly name: string
  /** The availability before the drain. */
  readonly previous: Availability
  readonly changed: boolean
}

/** What a drain of these nodes would do to the services on them. Changes nothing. */
export async function drainImpacts(
  fleet: Fleet,
  { manager, nodes, members }: SwarmSelection,
): Promise<DrainImpact[]> {
  const going = members.map(({ node }) => node.id)
  const there = await readTasks(manager.host, { nodeIds: going }, fleet.signal)
  if (!there.some(isAlive)) return []
  const [services, tasks] = await Promise.all([
    readServices(manager.host, fleet.signal),
    readTasks(manager.host, { wanted: true }, fleet.signal),
  ])
  const placeable = await withNetworkPlugins(manager.host, services, fleet.signal)
  return new DrainForecast({ nodes, services: placeable, tasks }).impactsOf(going)
}

/**
 * Drains nodes, and waits until their tasks have stopped and run elsewhere.
 * @param deadlineMs how long that may take (default: derived from the stop times of the services)
 * @param down names of services that may have downtime, and of jobs that may be interrupted: neither is waited for
 * @throws a `drain-incomplete` error with what is missing, after the availability of nodes that still run tasks was
 *   restored; `lock-lost` if the lock is lost meanwhile, with the nodes that stay drained
 */
export async function drainNodes(
  fleet: Fleet,
  view: SwarmSelection,
  deadlineMs?: number,
  down: readonly string[] = [],
): Promise<Drained[]> {
  const { manager, members } = view
  const task = fleet.progress.start(`Draining ${namesOf(members)}`)
  const drained: Drained[] = []
  try {
    const going = members.map(({ node }) => node.id)
    const onWait = (what: string) => task.update(what)
    const start = await beforeDrain(manager.host, going, down, {
      signal: fleet.signal,
      clock: fleet.clock,
      onWait,
    })
    await closeAll(fleet, view, drained)
    await awaitDrained(() => whicheverAnswers(fleet, view), start, {
      deadlineMs: deadlineMs ?? drainDeadlineMs(start),
      signal: fleet.signal,
      clock: fleet.clock,
      onWait,
    })
    task.done()
    return members.flatMap(({ name }) => drained.find(node => node.name === name) ?? [])
  } catch (error) {
    task.fail(reasonOf(error).split('\n')[0] ?? '')
    throw leftDrained(fleet, drained) ?? (await putBack(fleet, view, drained, error))
  }
}

/**
 * Sets all nodes to drain, many at once: a task that moves to a node that is drained later would move twice.
 * @param drained receives the nodes that were asked to drain
 */
async function closeAll(
  fleet: Fleet,
  { manager, members }: SwarmSelection,
  drained: Drained[],
): Promise<void> {
  const nodes = members.map(({ name, node }) => ({ name, node }))
  const close = async ({ name, node }: (typeof nodes)[number]) => {
    drained.push({ name, previous: node.availability, changed: node.availability !== 'drain' })
    await perform(setAvailability(manager.host, node, 'drain', fleet.signal))
  }
  const answers = await fanOut(nodes, close, { concurrency: UPDATES_AT_ONCE, signal: fleet.signal })
  fleet.signal.throwIfAborted()
  const [failure] = failedOf(answers)
  if (failure) throw failure.error
}

/** Restores nothing without the lock, because another run may be changing these nodes. */
function leftDrained({ signal }: Fleet, drained: readonly Drained[]): BeltError | undefined {
  const lost: unknown = signal.reason
  if (!(lost instanceof BeltError && lost.code === 'lock-lost')) return undefined
  const names = drained.filter(({ changed }) => changed).map(({ name }) => name)
  if (names.length === 0) return lost
  return amended(lost, `${lost.message}\n${fold(names)} ${names.length === 1 ? 'stays' : 'stay'} drained`, {
    details: { ...lost.details, drained: names },
  })
}

/** A manager to ask. The one that was asked first may be gone. */
async function whicheverAnswers(fleet: Fleet, { machines, nodes }: SwarmSelection): Promise<Host> {
  return (await findManager(fleet, managersAmong(machines, nodes))).host
}

/** Restores the availability of nodes, even after an interruption, and adds the result to the error. */
async function putBack(
  fleet: Fleet,
  view: SwarmSelection,
  drained: readonly Drained[],
  cause: unknown,
): Promise<BeltError> {
  const changed = new Set(drained.filter(node => node.changed).map(node => node.name))
  const back = view.members.filter(({ name, node }) => changed.has(name) && isToBlame(node, cause))
  const error = cause instanceof BeltError ? cause : new BeltError('unexpected', reasonOf(cause), { cause })
  if (back.length === 0) return error
  const manager = whicheverAnswers({ ...fleet, signal: AbortSignal.timeout(PUT_BACK_MS) }, view)
  const answers = await fanOut(
    back.map(({ name, node }) => ({ name, node })),
    async ({ node }) => perform(setAvailability(await manager, node, node.availability)),
  )
  const failures = failedOf(answers).map(({ host, error: failure }) => `${host}: ${failure.message}`)
  const restored =
    failures.length > 0 ? `not all could be restored: ${failures.join('; ')}` : restoredWords(back)
  return amended(error, `${error.message}\n${restored}`, {
    exitCode: exitCodeAfterChange(error),
    details: { ...error.details, restored: back.map(({ name }) => name) },
  })
}

/** An empty node may stay drained, unless its tasks find no other place. */
function isToBlame({ id }: Node, cause: unknown): boolean {
  return !(cause instanceof DrainError) || cause.rest.short.length > 0 || cause.rest.tasks.has(id)
}

function restoredWords(members: readonly Member[]): string {
  const before = [...new Set(members.map(({ node }) => node.availability))].join(', ')
  return `${namesOf(members)} ${members.length === 1 ? 'is' : 'are'} ${before} again, as before`
}

function namesOf(members: readonly Member[]): string {
  return fold(members.map(({ name }) => name))
}
