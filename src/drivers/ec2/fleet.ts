import type { Instance } from '@aws-sdk/client-ec2'
import type { Task } from '../../progress.ts'
import type { Clock } from '../clock.ts'
import type { Machine } from '../driver.ts'
import type { Ec2 } from './ec2.ts'
import { listInstances } from './instances.ts'

/** An instance and the region it is in. */
export interface Located {
  readonly ec2: Ec2
  readonly instance: Instance
}

/** What became of a machine that was asked for. */
export interface LocatedOutcome extends Partial<Located> {
  /** Why it is not as it should be. */
  readonly error?: Error
  /** Whether this run changed something. */
  readonly changed: boolean
}

/** How long after its making a machine may be missing from a listing without being gone. */
const YOUNG_MS = 120_000
const BELIEVED_MS = 15_000
const LOOK_AGAIN_MS = 2_000

/** All instances of the cluster in all its regions, those included that have ended. */
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
 * The instances of these machines, by id, beside all others of the cluster. A machine that was made a moment ago may
 * not be listed yet, so it is looked for again before it counts as gone.
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
    if (isComplete || clock.now() - start > BELIEVED_MS) return byId
    await clock.sleep(LOOK_AGAIN_MS, signal)
  }
}

/** Ends the progress of a task by what became of its machines. */
export function conclude(task: Task, fates: readonly (LocatedOutcome | undefined)[]): void {
  const failures = fates.filter(fate => fate?.error).length
  if (failures > 0) task.fail(`${failures} of ${fates.length} failed`)
  else task.done()
}

/** Groups by region, because a call is made in one. */
export function byRegion<T extends { readonly ec2: Ec2 }>(items: readonly T[]): [Ec2, T[]][] {
  const groups = new Map<Ec2, T[]>()
  for (const item of items) groups.set(item.ec2, [...(groups.get(item.ec2) ?? []), item])
  return [...groups]
}
