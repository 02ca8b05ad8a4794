import { randomUUID } from 'node:crypto'
import type { Instance } from '@aws-sdk/client-ec2'
import { place } from '../../domain/machine-placement.ts'
import { type Progress, silentProgress } from '../../progress.ts'
import type { ClusterContext, DriverCallOptions, MachineSpec } from '../driver.ts'
import type { Ec2 } from './ec2.ts'
import { findLost } from './find-lost.ts'
import { byRegion, conclude, type Located, type LocatedOutcome, locateAll } from './fleet.ts'
import { awaitState, hasEnded, isStarting } from './instances.ts'
import { launch } from './launch.ts'
import type { Ec2Options } from './options.ts'
import { regionFor } from './regions.ts'
import { prepareSite } from './site.ts'
import { instanceType } from './sizes.ts'
import { nameOf } from './tags.ts'

export interface LaunchOptions extends DriverCallOptions {
  /** What each instance runs at its first start, besides what the config says. */
  readonly script: string | undefined
}

interface Order {
  readonly name: string
  /** As the user wrote it. */
  readonly size: string
  readonly type: string
  readonly ec2: Ec2
  readonly zone?: string
}

/**
 * Launches the instances that are missing, and waits until all that start are running. One that was found starting
 * counts as changed, for it is completed.
 * @returns what became of each name
 * @throws when nothing was launched because something needed could not be had
 */
export async function createInstances(
  specs: readonly MachineSpec[],
  regions: readonly Ec2[],
  options: Ec2Options,
  context: ClusterContext,
  { signal, progress = silentProgress, operation = randomUUID(), script }: LaunchOptions,
): Promise<Map<string, LocatedOutcome>> {
  const orders = specs.map(spec => ({
    name: spec.name,
    size: spec.size,
    type: instanceType(spec.size),
    ...regionFor(spec, regions),
  }))
  const existing = (await locateAll(regions, context.cluster, signal)).filter(
    ({ instance }) => !hasEnded(instance),
  )
  const fates = new Map<string, LocatedOutcome>(
    existing.map(({ ec2, instance }) => [nameOf(instance), { ec2, instance, changed: isStarting(instance) }]),
  )
  const missing = orders.filter(({ name }) => !fates.has(name))
  noteChoices(missing, progress)
  const sites = await Promise.all(
    byRegion(missing).map(async ([ec2, group]) => ({
      group,
      site: await prepareSite(ec2, options, context, { operation, script }, typesOf(group)),
    })),
  )
  signal?.throwIfAborted()
  const task = progress.start('Creating machines', orders.length)
  for (const { name } of orders) if (fates.get(name)?.changed === false) task.step(name)
  await Promise.all(
    sites.map(async ({ site, group }) => {
      const launched = await findLost(
        site,
        await launch(site, placed(group, existing, options), signal),
        signal,
      )
      for (const [name, result] of launched)
        fates.set(name, { ec2: site.ec2, changed: true, ...told(result) })
    }),
  )
  await awaitRunning(orders, fates, context.cluster, signal, name => task.step(name))
  conclude(
    task,
    orders.map(({ name }) => fates.get(name)),
  )
  return fates
}

function noteChoices(orders: readonly Order[], progress: Progress): void {
  const choices = orders.flatMap(({ size, type, ec2 }) =>
    size === type ? [] : [`${size} is ${type} in ${ec2.region}`],
  )
  for (const choice of new Set(choices)) progress.note(choice)
}

function typesOf(orders: readonly Order[]): string[] {
  return [...new Set(orders.map(({ type }) => type))]
}

function placed(orders: readonly Order[], existing: readonly Located[], options: Ec2Options) {
  const subnets = [options.subnet ?? []].flat()
  const places = subnets.length > 0 ? subnets : [options.zones ?? []].flat()
  const taken = existing.map(({ instance }) => ({
    name: nameOf(instance),
    place: subnets.length > 0 ? instance.SubnetId : instance.Placement?.AvailabilityZone,
  }))
  const chosen = place(
    orders.filter(({ zone }) => zone === undefined).map(({ name }) => name),
    places,
    taken,
  )
  return orders.map(({ name, type, zone }) => ({ name, type, place: zone ?? chosen.get(name) }))
}

function told(result: Instance | Error): Pick<LocatedOutcome, 'instance' | 'error'> {
  return result instanceof Error ? { error: result } : { instance: result }
}

/** Stopped ones are left as they are. */
async function awaitRunning(
  orders: readonly Order[],
  fates: Map<string, LocatedOutcome>,
  cluster: string,
  signal: AbortSignal | undefined,
  onReached: (name: string) => void,
): Promise<void> {
  const starting = orders.flatMap(({ name }) => {
    const result = fates.get(name)
    const { ec2, instance } = result ?? {}
    return result && ec2 && instance && isStarting(instance)
      ? [{ ...result, ec2, name, id: instance.InstanceId ?? '' }]
      : []
  })
  await Promise.all(
    byRegion(starting).map(async ([ec2, group]) => {
      const awaited = await awaitState(
        group.map(({ id }) => id),
        'running',
        { ec2, cluster, signal, onReached: instance => onReached(nameOf(instance)) },
      )
      for (const { name, id, ...before } of group) fates.set(name, { ...before, ...awaited.get(id) })
    }),
  )
}
