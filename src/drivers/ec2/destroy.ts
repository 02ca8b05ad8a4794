import { reasonOf } from '../../errors.ts'
import { silentProgress } from '../../progress.ts'
import type { DriverCallOptions, Machine } from '../driver.ts'
import { forInstances } from './batch-call.ts'
import type { Ec2 } from './ec2.ts'
import { byRegion, conclude, type Located, type LocatedOutcome } from './fleet.ts'
import { awaitState, hasEnded } from './instances.ts'
import { removeKeyPairs } from './key-pair.ts'
import { removeGroups } from './security-group.ts'

/**
 * Terminates instances, with one call per region. When the last instance of the cluster is terminated, also removes its
 * security group and its key pairs.
 * @param located all instances of the cluster, by id; one that is missing no longer exists
 * @returns the outcomes, by id
 */
export async function destroyInstances(
  machines: readonly Machine[],
  regions: readonly Ec2[],
  located: ReadonlyMap<string, Located>,
  cluster: string,
  { signal, progress = silentProgress }: DriverCallOptions,
): Promise<Map<string, LocatedOutcome>> {
  const task = progress.start('Destroying machines', machines.length)
  const alive = new Map([...located].filter(([, { instance }]) => !hasEnded(instance)))
  const doomed = machines.flatMap(({ id }) => alive.get(id) ?? [])
  const outcomes = new Map<string, LocatedOutcome>()
  for (const [ec2, group] of byRegion(doomed)) {
    const ids = group.map(({ instance }) => instance.InstanceId ?? '')
    const failures = await forInstances('TerminateInstances', ids, {
      ec2,
      what: 'terminating instances',
      signal,
    })
    for (const id of ids) {
      const error = failures.get(id)
      outcomes.set(id, error ? { changed: false, error } : { changed: true })
    }
  }
  for (const { id, name } of machines) if (!outcomes.get(id)?.error) task.step(name)
  conclude(
    task,
    machines.map(({ id }) => outcomes.get(id)),
  )
  const isEmpty = [...alive.keys()].every(id => outcomes.get(id)?.changed)
  if (isEmpty) await removeSharedResources(regions, [...located.values()], cluster, { signal, progress })
  return outcomes
}

/** These resources are free, so a failure to remove them is only noted. */
async function removeSharedResources(
  regions: readonly Ec2[],
  located: readonly Located[],
  cluster: string,
  { signal, progress = silentProgress }: DriverCallOptions,
): Promise<void> {
  const task = progress.start('Removing the security group and the key pair')
  try {
    for (const ec2 of regions) {
      const ids = located.filter(other => other.ec2 === ec2).map(({ instance }) => instance.InstanceId ?? '')
      await awaitState(ids, 'terminated', { ec2, cluster, signal })
      signal?.throwIfAborted()
      await removeGroups(ec2, cluster)
      await removeKeyPairs(ec2, cluster)
    }
    task.done()
  } catch (error) {
    task.fail(reasonOf(error))
    progress.note(
      `the security group or the key pair of ${cluster} was not removed from EC2; they are free of charge`,
    )
  }
}
