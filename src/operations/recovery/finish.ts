import { LEASE_TIMES } from '../../domain/lease.ts'
import { naturalOrder } from '../../domain/natural-order.ts'
import { BeltError, reasonOf } from '../../errors.ts'
import { type Answer, failedOf, fanOut } from '../../hosts/fan-out.ts'
import { readNodes } from '../../queries/nodes.ts'
import type { Node } from '../../remote/nodes.ts'
import { removeNode } from '../../steps/remove-node.ts'
import { perform } from '../../steps/step.ts'
import { pollUntil } from '../../waits/poll-until.ts'
import type { Fleet } from '../fleet.ts'
import { withLock } from '../lock.ts'
import type { Manager } from '../swarm/find-manager.ts'
import { leftovers } from './leftovers.ts'
import { rejoinManagers } from './rejoin-managers.ts'

/** Workers try again with growing pauses: seen to be back within 10 s, known to take a minute. */
const WORKERS_MS = 120_000
const WORKERS_POLL_MS = 2000

export interface Recovered {
  readonly manager: string
  readonly clusterId: string
  /** The former managers that live, or may: true where one had to join anew. */
  readonly rejoined: readonly Answer<boolean>[]
  /** The old nodes, by hostname or id. */
  readonly removed: readonly Answer<boolean>[]
  readonly workers: { readonly back: readonly string[]; readonly missing: readonly string[] }
}

/** What a recovery has not done, one failure per node. */
export function recoveryFailures({
  rejoined,
  removed,
  workers,
}: Recovered): { name: string; error: BeltError }[] {
  const failures = failedOf([...rejoined, ...removed]).map(({ host, error }) => ({ name: host, error }))
  return [...failures, ...workers.missing.map(name => ({ name, error: notBack(name) }))]
}

function notBack(name: string): BeltError {
  return new BeltError('worker-not-back', `${name} has not come back yet`, {
    host: name,
    hint: `belt --host ${name} docker info shows what it waits for; if it is lost: belt swarm remove --unreachable ${name}`,
  })
}

export interface FinishOptions {
  /** Names of machines, addresses or ids of nodes that the user knows to be lost. */
  readonly assumeLost: readonly string[]
  /** How long to wait for former managers and for workers (default: as long as they were seen to take). */
  readonly returnMs?: number
  readonly workersMs?: number
  /** Whether the cluster was made a moment ago. Then the lock of one who died with the old one may be in it, and is waited for. */
  readonly forced?: boolean
}

/**
 * Brings together what a new cluster was made of: former managers that live are managers again, the nodes of those that
 * are lost are gone, the workers are seen; the manager is the active host. Safe to run again, wherever it was broken off.
 * @throws `recovery-unfinished` when a cluster that was made a moment ago runs, and the rest could not be done
 */
export async function finishRecovery(
  fleet: Fleet,
  manager: Manager,
  options: FinishOptions,
): Promise<Recovered> {
  const { forced = false } = options
  const { lock } = fleet
  const waitMs = forced ? Math.max(lock.waitMs, LEASE_TIMES.leaseMs + LEASE_TIMES.watchMs) : lock.waitMs
  // The user may have thought about the plan for a while.
  fleet.machines.forget()
  const patient = { ...fleet, lock: { ...lock, waitMs } }
  try {
    return await withLock(patient, 'belt swarm recover', locked => bringTogether(locked, manager, options))
  } catch (error) {
    throw forced && !fleet.signal.aborted ? unfinished(manager.machine.name, error) : error
  }
}

async function bringTogether(
  fleet: Fleet,
  manager: Manager,
  { assumeLost, returnMs, workersMs }: FinishOptions,
): Promise<Recovered> {
  await fleet.activeHost.set(manager.machine.name)
  const { rejoined, kept } = await rejoinManagers(fleet, manager, assumeLost, returnMs)
  const removed = await removeLeftovers(fleet, manager, kept)
  const workers = await awaitWorkers(fleet, manager, workersMs)
  return { manager: manager.machine.name, clusterId: manager.clusterId, rejoined, removed, workers }
}

/**
 * What kept a recovery from its end once the new cluster runs: other exit codes would say that nothing was changed.
 * @param name the machine that it runs on
 */
export function unfinished(name: string, cause: unknown): BeltError {
  return new BeltError(
    'recovery-unfinished',
    `the new cluster runs on ${name}, but its recovery is not finished: ${reasonOf(cause)}`,
    { host: name, hint: 'run belt swarm recover again to continue', cause },
  )
}

/** @param kept ids of nodes that are back, or have not rejoined: they show the next run what is left to do */
async function removeLeftovers(
  fleet: Fleet,
  { host }: Manager,
  kept: readonly string[],
): Promise<Answer<boolean>[]> {
  const left = leftovers(await readNodes(host, fleet.signal)).filter(({ id }) => !kept.includes(id))
  if (left.length === 0) return []
  const nodes = left.map(node => ({ name: node.hostname || node.id, node }))
  const task = fleet.progress.start('Removing the nodes of lost managers', nodes.length)
  const answers = await fanOut(nodes, ({ node }) => perform(removeNode(host, node, fleet)), {
    // Another removal in the middle of a listing of nodes fails it.
    concurrency: 1,
    signal: fleet.signal,
    onAnswer: answer => task.step(answer.host),
  })
  task.done()
  return answers
}

async function awaitWorkers(
  fleet: Fleet,
  { host }: Manager,
  deadlineMs = WORKERS_MS,
): Promise<Recovered['workers']> {
  const task = fleet.progress.start('Waiting for workers')
  const readWorkers = async () =>
    (await readNodes(host, fleet.signal)).filter(({ role }) => role === 'worker')
  const missingAmong = (workers: readonly Node[]) => namesOf(workers.filter(({ state }) => state !== 'ready'))
  const workers = await pollUntil(readWorkers, nodes => missingAmong(nodes).join(', ') || undefined, {
    deadlineMs,
    everyMs: WORKERS_POLL_MS,
    signal: fleet.signal,
    clock: fleet.clock,
    onWait: missing => task.update(missing),
  })
  task.done()
  return { back: namesOf(workers.filter(({ state }) => state === 'ready')), missing: missingAmong(workers) }
}

function namesOf(nodes: readonly Node[]): string[] {
  return nodes.map(({ hostname, id }) => hostname || id).sort(naturalOrder)
}
