import type { Instance } from '@aws-sdk/client-ec2'
import type { Clock } from '../../clock.ts'
import type { ProgressTask } from '../../progress.ts'
import type { Machine } from '../driver.ts'
import type { Ec2 } from './ec2.ts'
import { listInstances } from './instances.ts'

/** An instance and its region. */
export interface Located {
  readonly ec2: Ec2
  readonly instance: Instance
}

/** The outcome for one machine. */
export interface LocatedOutcome extends Partial<Located> {
  /** Why it is not in the requested state. */
  readonly error?: Error
  /** Whether this run changed something. */
  readonly changed: boolean
}

/** How long a new machine may be missing from a listing although it exists. */
const YOUNG_MS = 120_000
const LIST_DEADLINE_MS = 15_000
const LOOK_AGAIN_MS = 2_000

/** All instances of the cluster in all its regions, including terminated ones. */
export async function locateAll(
  clients: readonly Ec2[],
  cluster: string,
  signal?: AbortSignal,
): Promise<Located[]> {
  const found = await Promise.all(
    clients.map(async ec2 =>
      (await listInstances(ec2, cluster, signal)).map(instance => ({ ec2, instance })),
    ),
  )
  return found.flat()
}

/**
 * All instances of the cluster, by id. If one of `machines` is new and not listed yet, the list is read again before the
 * machine counts as gone.
 */
export async function locate(
  machines: readonly Machine[],
  clients: readonly Ec2[],
  cluster: string,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Map<string, Located>> {
  const start = clock.now()
  const young = machines.filter(({ createdAt }) => createdAt && Date.now() - Date.parse(createdAt) < YOUNG_MS)
  for (;;) {
    const all = await locateAll(clients, cluster, signal)
    const byId = new Map(all.map(located => [located.instance.InstanceId ?? '', located]))
    const isComplete = young.every(({ id }) => byId.has(id))
    if (isComplete || clock.now() - start > LIST_DEADLINE_MS) return byId
    await clock.sleep(LOOK_AGAIN_MS, signal)
  }
}

/** Finishes a task's progress according to the outcomes. */
export function conclude(task: ProgressTask, outcomes: readonly (LocatedOutcome | undefined)[]): void {
  const failures = outcomes.filter(outcome => outcome?.error).length
  if (failures > 0) task.fail(`${failures} of ${outcomes.length} failed`)
  else task.done()
}

/** Groups items by region, because each call goes to one region. */
export function byRegion<T extends { readonly ec2: Ec2 }>(items: readonly T[]): [Ec2, T[]][] {
  const groups = new Map<Ec2, T[]>()
  for (const item of items) groups.set(item.ec2, [...(groups.get(item.ec2) ?? []), item])
  return [...groups]
}
