import {
  type DrainRemainder,
  type DrainScope,
  isDrained,
  jobsIn,
  remainderOf,
  remainderText,
} from '../domain/swarm/drain-remainder.ts'
import { isAlive, type Service } from '../domain/swarm/workload.ts'
import { BeltError, reasonOf } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { readServices, readTasks } from '../queries/services.ts'
import { retry, type WaitOptions } from '../retry.ts'
import { awaitKnown, type KnownOptions } from './await-known.ts'

const POLL_MS = 1000
/** Time to pull images and start tasks elsewhere. */
const LEAST_MS = 300_000
const AFTER_GRACE_MS = 60_000
const ROOM_HINT = 'make room for these services on other nodes, or allow more time with --timeout'
/** A job that is removed goes on: Docker 20.10 never asks its tasks to stop. */
const JOB_HINT =
  'wait until the jobs have ended (--timeout allows more time), or remove them (belt docker service rm JOB) and then their containers (belt exec NODE -- docker rm --force CONTAINER)'
const REMOVED_HINT =
  'their services are gone, and their containers go on; remove them: belt exec NODE -- docker rm --force CONTAINER'

/** What ran on nodes before they were drained. */
export interface DrainStart extends DrainScope {
  /** The services that had tasks there. */
  readonly services: readonly Service[]
}

/** A drain that did not finish by its deadline. */
export class DrainError extends BeltError {
  readonly rest: DrainRemainder

  constructor(rest: DrainRemainder) {
    super('drain-incomplete', `the drain has not finished: ${remainderText(rest)}`, {
      hint: hintFor(rest),
      details: {
        tasksLeft: Object.fromEntries(rest.tasks),
        jobs: jobsIn(rest),
        short: rest.short.map(({ service }) => service.name),
      },
    })
    this.rest = rest
  }
}

function hintFor(rest: DrainRemainder): string {
  if (jobsIn(rest).length > 0) return JOB_HINT
  return rest.running.has(undefined) ? REMOVED_HINT : ROOM_HINT
}

/**
 * Records what runs on nodes that are about to be drained, once the managers know which of them are alive. Nodes that
 * are down are left out, because the managers never learn whether their tasks have stopped.
 * @param down see `DrainScope`
 * @throws when it cannot be read
 */
export async function beforeDrain(
  manager: Host,
  goingIds: readonly string[],
  down: readonly string[],
  options: Omit<KnownOptions, 'nodeIds'> = {},
): Promise<DrainStart> {
  const { signal } = options
  const nodes = await awaitKnown(manager, { ...options, nodeIds: goingIds })
  const going = new Set(goingIds)
  const nodeIds = nodes.filter(({ id, state }) => going.has(id) && state !== 'down').map(({ id }) => id)
  const [services, there] = await Promise.all([
    readServices(manager, signal),
    readTasks(manager, { nodeIds }, signal),
  ])
  const ids = new Set(there.filter(isAlive).map(task => task.serviceId))
  const touched = services.filter(service => ids.has(service.id))
  const tasks = await readTasks(manager, { serviceIds: touched.map(({ id }) => id) }, signal)
  return { nodeIds, services: touched, tasks, down }
}

/** How long a drain may take, in milliseconds: the longest stop grace period of a task, plus time to start elsewhere. */
export function drainDeadlineMs({ services }: DrainStart): number {
  return Math.max(LEAST_MS, ...services.map(service => service.stopGraceMs + AFTER_GRACE_MS))
}

/**
 * Waits until drained nodes have no tasks left and their services run as many tasks elsewhere as before.
 * @param findManager finds a manager to ask, for each check: the previous one may be gone
 * @throws DrainError at the deadline
 */
export function awaitDrained(
  findManager: () => Promise<Host>,
  start: DrainStart,
  options: WaitOptions & { deadlineMs: number; onWait?: ((what: string) => void) | undefined },
): Promise<void> {
  const { deadlineMs, signal, clock, onWait } = options
  return retry(async () => expectDrained(await findManager(), start, signal), {
    deadlineMs,
    everyMs: POLL_MS,
    signal,
    clock,
    onRetry: error => onWait?.(error instanceof DrainError ? remainderText(error.rest) : reasonOf(error)),
  })
}

async function expectDrained(manager: Host, start: DrainStart, signal?: AbortSignal): Promise<void> {
  const services = await remainingServices(manager, start.services, signal)
  const [there, own] = await Promise.all([
    readTasks(manager, { nodeIds: start.nodeIds }, signal),
    readTasks(manager, { serviceIds: services.map(({ id }) => id) }, signal),
  ])
  const tasks = new Map([...there, ...own].map(task => [task.id, task]))
  const rest = remainderOf(start, services, [...tasks.values()])
  if (!isDrained(rest)) throw new DrainError(rest)
}

/**
 * Reads the services again: one may have been scaled or removed meanwhile. The engine refuses to list the tasks of a
 * removed service, though some may still be stopping.
 */
async function remainingServices(
  manager: Host,
  services: readonly Service[],
  signal?: AbortSignal,
): Promise<Service[]> {
  const now = await readServices(manager, signal)
  const ids = new Set(services.map(({ id }) => id))
  return now.filter(({ id }) => ids.has(id))
}
