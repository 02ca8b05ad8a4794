import {
  type DrainRemainder,
  isDrained,
  remainderOf,
  remainderText,
} from '../domain/swarm/drain-remainder.ts'
import { isAlive, type Service, type Task } from '../domain/swarm/workload.ts'
import { BeltError, reasonOf } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { readServices, readTasks } from '../queries/read-swarm.ts'
import { retry } from '../retry.ts'
import { awaitKnown, type KnownOptions } from './await-known.ts'

const POLL_MS = 1000
/** For images to be pulled and tasks to start elsewhere. */
const LEAST_MS = 300_000
const AFTER_GRACE_MS = 60_000

/** What ran on nodes before they were drained. */
export interface DrainStart {
  readonly nodeIds: readonly string[]
  /** The services that had tasks there. */
  readonly services: readonly Service[]
  /** Their tasks, on all nodes. */
  readonly tasks: readonly Task[]
}

/** A drain that did not end by its deadline. */
export class DrainError extends BeltError {
  readonly rest: DrainRemainder

  constructor(rest: DrainRemainder) {
    super('drain-incomplete', `the drain has not ended: ${remainderText(rest)}`, {
      hint: 'make room for these services elsewhere, or give it longer with --timeout',
      details: {
        tasksLeft: Object.fromEntries(rest.tasks),
        short: rest.short.map(({ service }) => service.name),
      },
    })
    this.rest = rest
  }
}

/**
 * Notes what runs on nodes that are about to be drained, as soon as the managers know which of them live. Those that are
 * down are left out: nobody learns that their tasks have stopped.
 * @throws when it cannot be read
 */
export async function beforeDrain(
  manager: Host,
  goingIds: readonly string[],
  options: Omit<KnownOptions, 'nodeIds'> = {},
): Promise<DrainStart> {
  const { signal } = options
  const nodes = await awaitKnown(manager, { ...options, nodeIds: goingIds })
  const nodeIds = nodes
    .filter(({ id, state }) => goingIds.includes(id) && state !== 'down')
    .map(({ id }) => id)
  const [services, there] = await Promise.all([
    readServices(manager, signal),
    readTasks(manager, { nodeIds }, signal),
  ])
  const ids = new Set(there.filter(isAlive).map(task => task.serviceId))
  const touched = services.filter(service => ids.has(service.id))
  const tasks = await readTasks(manager, { serviceIds: touched.map(({ id }) => id) }, signal)
  return { nodeIds, services: touched, tasks }
}

/** How long a drain may take, in milliseconds: as long as the slowest task may take to stop, and time to start anew. */
export function drainDeadlineMs({ services }: DrainStart): number {
  return Math.max(LEAST_MS, ...services.map(service => service.stopGraceMs + AFTER_GRACE_MS))
}

/**
 * Waits until no task exists any more on drained nodes, and their services run as many elsewhere.
 * @param findManager finds a manager to ask, anew each time: the one that was asked before may be gone
 * @throws DrainError when that has not come by the deadline
 */
export function awaitDrained(
  findManager: () => Promise<Host>,
  start: DrainStart,
  options: {
    deadlineMs: number
    signal?: AbortSignal | undefined
    onWait?: ((what: string) => void) | undefined
  },
): Promise<void> {
  const { signal, onWait } = options
  return retry(async () => expectDrained(await findManager(), start, signal), {
    deadlineMs: options.deadlineMs,
    everyMs: POLL_MS,
    signal,
    onRetry: error => onWait?.(error instanceof DrainError ? remainderText(error.rest) : reasonOf(error)),
  })
}

async function expectDrained(manager: Host, start: DrainStart, signal?: AbortSignal): Promise<void> {
  const services = await stillWanted(manager, start.services, signal)
  const [there, own] = await Promise.all([
    readTasks(manager, { nodeIds: start.nodeIds }, signal),
    readTasks(manager, { serviceIds: services.map(({ id }) => id) }, signal),
  ])
  const tasks = new Map([...there, ...own].map(task => [task.id, task]))
  const rest = remainderOf(start.nodeIds, services, start.tasks, [...tasks.values()])
  if (!isDrained(rest)) throw new DrainError(rest)
}

/**
 * The services as they are wanted now: one may have been scaled or removed meanwhile. The engine refuses to list tasks
 * by a service that is removed, though some may still be stopping.
 */
async function stillWanted(
  manager: Host,
  services: readonly Service[],
  signal?: AbortSignal,
): Promise<Service[]> {
  const now = await readServices(manager, signal)
  return now.filter(({ id }) => services.some(service => service.id === id))
}
