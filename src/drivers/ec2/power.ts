import type { Instance, InstanceStateName } from '@aws-sdk/client-ec2'
import { BeltError } from '../../errors.ts'
import { silentProgress } from '../../progress.ts'
import type { DriverCallOptions, Machine } from '../driver.ts'
import { forInstances } from './batch-call.ts'
import type { Ec2 } from './ec2.ts'
import { byRegion, conclude, type Located, type LocatedOutcome } from './fleet.ts'
import { awaitState, hasEnded, stateOf } from './instances.ts'
import { nameOf } from './tags.ts'

export interface InstancePowerChange {
  readonly action: 'StartInstances' | 'StopInstances' | 'RebootInstances'
  /** The title of the progress, such as "Stopping machines". */
  readonly title: string
  /** The action, for messages: "stopping instances". */
  readonly what: string
  /** The state to change from; instances in other states are left unchanged. */
  readonly from: InstanceStateName
  /** The state to wait for. */
  readonly to: InstanceStateName
  /** States in which the action is an error. */
  readonly refusedIn?: readonly InstanceStateName[]
  /** A temporary state; instances are first allowed to leave it. */
  readonly through?: InstanceStateName
}

export const SHUTDOWN: InstancePowerChange = {
  action: 'StopInstances',
  title: 'Stopping machines',
  what: 'stopping instances',
  from: 'running',
  to: 'stopped',
  through: 'pending',
}

export const START: InstancePowerChange = {
  action: 'StartInstances',
  title: 'Starting machines',
  what: 'starting instances',
  from: 'stopped',
  to: 'running',
  through: 'stopping',
}

export const REBOOT: InstancePowerChange = {
  action: 'RebootInstances',
  title: 'Restarting machines',
  what: 'restarting instances',
  from: 'running',
  to: 'running',
  refusedIn: ['stopping', 'stopped'],
  through: 'pending',
}

/**
 * Starts, stops or reboots instances, with one call per region, and waits until each has reached its state.
 * @returns the outcomes, by id
 */
export async function changePower(
  machines: readonly Machine[],
  located: ReadonlyMap<string, Located>,
  change: InstancePowerChange,
  cluster: string,
  { signal, progress = silentProgress }: DriverCallOptions,
): Promise<Map<string, LocatedOutcome>> {
  const task = progress.start(change.title, machines.length)
  const results = new Map<string, LocatedOutcome>()
  const alive = machines.flatMap(({ id, name }) => {
    const found = located.get(id)
    const error = refusalOf(name, found, change)
    if (found && !error) return [{ id, ...found }]
    results.set(id, { ...found, changed: false, ...(error && { error }) })
    return []
  })
  await Promise.all(
    byRegion(alive).map(async ([ec2, group]) => {
      const waiting = { ec2, cluster, signal, onReached: (instance: Instance) => task.step(nameOf(instance)) }
      for (const [id, result] of await changeIn(ec2, group, change, waiting)) results.set(id, result)
    }),
  )
  conclude(task, [...results.values()])
  return results
}

async function changeIn(
  ec2: Ec2,
  group: readonly { id: string; instance: Instance }[],
  change: InstancePowerChange,
  waiting: Parameters<typeof awaitState>[2],
): Promise<Map<string, LocatedOutcome>> {
  const inState = (state?: InstanceStateName) =>
    group.filter(({ instance }) => stateOf(instance) === state).map(({ id }) => id)
  const passing = inState(change.through)
  await awaitState(passing, change.from, { ...waiting, onReached: () => {} })
  const changed = new Set([...inState(change.from), ...passing])
  const failures = await forInstances(change.action, [...changed], { ec2, ...change, signal: waiting.signal })
  const awaited = await awaitState(
    group.map(({ id }) => id).filter(id => !failures.has(id)),
    change.to,
    waiting,
  )
  return new Map(
    group.map(({ id, instance }) => {
      const error = failures.get(id)
      const seen = error ? { instance, error } : { instance, ...awaited.get(id) }
      return [id, { ec2, ...seen, changed: changed.has(id) }]
    }),
  )
}

function refusalOf(
  name: string,
  found: Located | undefined,
  change: InstancePowerChange,
): BeltError | undefined {
  if (!found || hasEnded(found.instance)) return machineGone(name)
  const state = stateOf(found.instance)
  if (!state || !change.refusedIn?.includes(state)) return undefined
  return new BeltError('machine-off', `${name} is ${state}`, {
    host: name,
    hint: `run belt start ${name} first`,
  })
}

export function machineGone(name: string): BeltError {
  return new BeltError('machine-gone', `${name} no longer exists`, {
    host: name,
    hint: 'run belt ls to list the machines',
  })
}
