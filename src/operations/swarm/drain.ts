import { forecastDrain, type Impact, isAlive } from '../../domain/drain-forecast.ts'
import { fold } from '../../domain/ranges.ts'
import { BeltError, reasonOf } from '../../errors.ts'
import { failedOf, fanOut } from '../../hosts/fan-out.ts'
import type { Availability, Node } from '../../remote/nodes.ts'
import { awaitDrained, beforeDrain, DrainError, drainDeadlineMs } from '../../steps/await-drained.ts'
import { readServices, readTasks } from '../../steps/read-swarm.ts'
import { setAvailability } from '../../steps/set-availability.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import type { Member, SwarmView } from './members.ts'

/** A node that was drained. */
export interface Drained {
  readonly name: string
  /** What it was before. */
  readonly previous: Availability
  readonly changed: boolean
}

/** What a drain of these nodes would do to the services that run there; changes nothing. */
export async function drainImpacts(fleet: Fleet, { manager, nodes, members }: SwarmView): Promise<Impact[]> {
  const going = members.map(({ node }) => node.id)
  const there = await readTasks(manager.host, { nodeIds: going }, fleet.signal)
  if (!there.some(isAlive)) return []
  const [services, tasks] = await Promise.all([
    readServices(manager.host, fleet.signal),
    readTasks(manager.host, { wanted: true }, fleet.signal),
  ])
  return forecastDrain({ going, nodes, services, tasks })
}

/**
 * Drains nodes, and waits until their tasks have stopped and run elsewhere.
 * @param deadlineMs how long that may take; by the services' own times to stop, unless told
 * @throws a `drain-incomplete` error with what is missing, after the nodes that were not empty by then have got back
 *   the availability that they had
 */
export async function drainNodes(fleet: Fleet, view: SwarmView, deadlineMs?: number): Promise<Drained[]> {
  const { manager, members } = view
  const task = fleet.progress.start(`Draining ${namesOf(members)}`)
  const drained: Drained[] = []
  try {
    const start = await beforeDrain(manager.host, livingIds(members), fleet.signal)
    for (const { name, node } of members) {
      drained.push({
        name,
        previous: node.availability,
        changed: node.availability !== 'drain',
      })
      await perform(setAvailability(manager.host, node, 'drain', fleet.signal))
    }
    await awaitDrained(manager.host, start, {
      deadlineMs: deadlineMs ?? drainDeadlineMs(start),
      signal: fleet.signal,
      onWait: what => task.update(what),
    })
    task.done()
    return drained
  } catch (error) {
    task.fail(reasonOf(error).split('\n')[0] ?? '')
    throw await putBack(view, drained, error)
  }
}

/** Of a node that is down nobody learns that its tasks have stopped: they are not waited for. */
function livingIds(members: readonly Member[]): string[] {
  return members.filter(({ node }) => node.state === 'ready').map(({ node }) => node.id)
}

/** Gives nodes the availability back that they had, and tells so with the failure. */
async function putBack(
  { manager, members }: SwarmView,
  drained: readonly Drained[],
  cause: unknown,
): Promise<BeltError> {
  const changed = new Set(drained.filter(node => node.changed).map(node => node.name))
  const back = members.filter(({ name, node }) => changed.has(name) && isToBlame(node, cause))
  const error = cause instanceof BeltError ? cause : new BeltError('unexpected', reasonOf(cause), { cause })
  if (back.length === 0) return error
  const answers = await fanOut(
    back.map(({ name, node }) => ({ name, node })),
    ({ node }) => perform(setAvailability(manager.host, node, node.availability)),
  )
  const failures = failedOf(answers).map(({ host, error: failure }) => `${host}: ${failure.message}`)
  const restored =
    failures.length > 0 ? `not all could be put back: ${failures.join('; ')}` : restoredWords(back)
  return new BeltError(error.code, `${error.message}\n${restored}`, {
    exitCode: error.exitCode,
    ...(error.hint && { hint: error.hint }),
    cause,
    details: { ...error.details, restored: back.map(({ name }) => name) },
  })
}

/** A node that is empty may stay drained, unless tasks find no other place. */
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
