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
import { prepareInstanceSite } from './site.ts'
import { instanceType } from './sizes.ts'
import { nameOf } from './tags.ts'

export interface LaunchOptions extends DriverCallOptions {
  /** A script that each instance runs at its first boot, in addition to the config's user data. */
  readonly script: string | undefined
}

interface LaunchRequest {
  readonly name: string
  /** As typed by the user. */
  readonly size: string
  readonly type: string
  readonly ec2: Ec2
  readonly zone?: string
}

/**
 * Launches the missing instances, and waits until all starting instances are running. An instance that was already
 * starting counts as changed.
 * @returns the outcome for each name
 * @throws if nothing was launched because a prerequisite is not available
 */
export async function createInstances(
  specs: readonly MachineSpec[],
  regions: readonly Ec2[],
  options: Ec2Options,
  context: ClusterContext,
  { signal, progress = silentProgress, operation = randomUUID(), script }: LaunchOptions,
): Promise<Map<string, LocatedOutcome>> {
  const requests = specs.map(spec => ({
    name: spec.name,
    size: spec.size,
    type: instanceType(spec.size),
    ...regionFor(spec, regions),
  }))
  const existing = (await locateAll(regions, context.cluster, signal)).filter(
    ({ instance }) => !hasEnded(instance),
  )
  const outcomes = new Map<string, LocatedOutcome>(
    existing.map(({ ec2, instance }) => [nameOf(instance), { ec2, instance, changed: isStarting(instance) }]),
  )
  const missing = requests.filter(({ name }) => !outcomes.has(name))
  noteChoices(missing, progress)
  const sites = await Promise.all(
    byRegion(missing).map(async ([ec2, group]) => ({
      group,
      site: await prepareInstanceSite(ec2, options, context, { operation, script }, typesOf(group)),
    })),
  )
  signal?.throwIfAborted()
  const task = progress.start('Creating machines', requests.length)
  for (const { name } of requests) if (outcomes.get(name)?.changed === false) task.step(name)
  await Promise.all(
    sites.map(async ({ site, group }) => {
      const launched = await findLost(
        site,
        await launch(site, placed(group, existing, options), signal),
        signal,
      )
      for (const [name, result] of launched)
        outcomes.set(name, { ec2: site.ec2, changed: true, ...resultOf(result) })
    }),
  )
  await awaitRunning(requests, outcomes, context.cluster, signal, name => task.step(name))
  conclude(
    task,
    requests.map(({ name }) => outcomes.get(name)),
  )
  return outcomes
}

function noteChoices(requests: readonly LaunchRequest[], progress: Progress): void {
  const choices = requests.flatMap(({ size, type, ec2 }) =>
    size === type ? [] : [`${size} is ${type} in ${ec2.region}`],
  )
  for (const choice of new Set(choices)) progress.note(choice)
}

function typesOf(requests: readonly LaunchRequest[]): string[] {
  return [...new Set(requests.map(({ type }) => type))]
}

function placed(requests: readonly LaunchRequest[], existing: readonly Located[], options: Ec2Options) {
  const subnets = [options.subnet ?? []].flat()
  const places = subnets.length > 0 ? subnets : [options.zones ?? []].flat()
  const taken = existing.map(({ instance }) => ({
    name: nameOf(instance),
    place: subnets.length > 0 ? instance.SubnetId : instance.Placement?.AvailabilityZone,
  }))
  const chosen = place(
    requests.filter(({ zone }) => zone === undefined).map(({ name }) => name),
    places,
    taken,
  )
  return requests.map(({ name, type, zone }) => ({ name, type, place: zone ?? chosen.get(name) }))
}

function resultOf(result: Instance | Error): Pick<LocatedOutcome, 'instance' | 'error'> {
  return result instanceof Error ? { error: result } : { instance: result }
}

/** Waits for starting instances; stopped ones are left unchanged. */
async function awaitRunning(
  requests: readonly LaunchRequest[],
  outcomes: Map<string, LocatedOutcome>,
  cluster: string,
  signal: AbortSignal | undefined,
  onReached: (name: string) => void,
): Promise<void> {
  const starting = requests.flatMap(({ name }) => {
    const result = outcomes.get(name)
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
      for (const { name, id, ...before } of group) outcomes.set(name, { ...before, ...awaited.get(id) })
    }),
  )
}
