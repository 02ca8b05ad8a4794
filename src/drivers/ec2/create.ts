import { randomUUID } from 'node:crypto'
import type { Instance } from '@aws-sdk/client-ec2'
import { type Progress, silentProgress } from '../../progress.ts'
import type { ClusterContext, DriverCallOptions, MachineSpec } from '../driver.ts'
import type { Ec2 } from './ec2.ts'
import { byRegion, type Fate, type Located, locateAll } from './fleet.ts'
import { awaitState, hasEnded, isStarting } from './instances.ts'
import { launch } from './launch.ts'
import type { Ec2Options } from './options.ts'
import { regionFor } from './regions.ts'
import { prepareSite } from './site.ts'
import { instanceType } from './sizes.ts'
import { spread } from './spread.ts'
import { nameOf } from './tags.ts'

interface Order {
  readonly name: string
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
  { signal, progress = silentProgress, operation = randomUUID() }: DriverCallOptions,
): Promise<Map<string, Fate>> {
  const orders = specs.map(spec => ({
    name: spec.name,
    type: instanceType(spec.size),
    ...regionFor(spec, regions),
  }))
  noteChoices(specs, orders, progress)
  const existing = (await locateAll(regions, context.cluster, signal)).filter(
    ({ instance }) => !hasEnded(instance),
  )
  const results = new Map<string, Fate>(
    existing.map(({ ec2, instance }) => [nameOf(instance), { ec2, instance, changed: isStarting(instance) }]),
  )
  const missing = byRegion(orders.filter(({ name }) => !results.has(name)))
  const sites = await Promise.all(
    missing.map(([ec2, group]) => prepareSite(ec2, options, context, operation, typesOf(group))),
  )
  signal?.throwIfAborted()
  const task = progress.start('Creating machines', orders.length)
  await Promise.all(
    missing.map(async ([ec2, group], i) => {
      const site = sites[i]
      if (!site) return
      const launched = await launch(site, placed(group, existing, options), signal)
      for (const [name, result] of launched) results.set(name, { ec2, changed: true, ...told(result) })
    }),
  )
  await awaitRunning(orders, results, context.cluster, signal, name => task.step(name))
  const failures = orders.filter(({ name }) => results.get(name)?.error).length
  if (failures > 0) task.fail(`${failures} of ${orders.length} failed`)
  else task.done()
  return results
}

function noteChoices(specs: readonly MachineSpec[], orders: readonly Order[], progress: Progress): void {
  const choices = specs.flatMap(({ size }, i) => {
    const order = orders[i]
    return order && order.type !== size ? [`${size} is ${order.type} in ${order.ec2.region}`] : []
  })
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
  const chosen = spread(
    orders.filter(({ zone }) => zone === undefined).map(({ name }) => name),
    places,
    taken,
  )
  return orders.map(({ name, type, zone }) => ({ name, type, place: zone ?? chosen.get(name) }))
}

function told(result: Instance | Error): Pick<Fate, 'instance' | 'error'> {
  return result instanceof Error ? { error: result } : { instance: result }
}

/** Stopped ones are left as they are. */
async function awaitRunning(
  orders: readonly Order[],
  results: Map<string, Fate>,
  cluster: string,
  signal: AbortSignal | undefined,
  onReached: (name: string) => void,
): Promise<void> {
  const starting = orders.flatMap(({ name }) => {
    const result = results.get(name)
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
      for (const { name, id, ...before } of group) results.set(name, { ...before, ...awaited.get(id) })
    }),
  )
}
