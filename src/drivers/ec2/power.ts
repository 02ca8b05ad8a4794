import type { Instance, InstanceStateName } from '@aws-sdk/client-ec2'
import { BeltError } from '../../errors.ts'
import { silentProgress } from '../../progress.ts'
import type { DriverCallOptions, Machine } from '../driver.ts'
import { forInstances } from './batch-call.ts'
import type { Ec2 } from './ec2.ts'
import { byRegion, conclude, type Located, type LocatedOutcome } from './fleet.ts'
import { awaitState, hasEnded, stateOf } from './instances.ts'
import { nameOf } from './tags.ts'

export interface PowerChange {
  readonly action: 'StartInstances' | 'StopInstances' | 'RebootInstances'
  /** For the progress, such as "Stopping machines". */
  readonly title: string
  /** What is being done, for messages: "stopping instances". */
  readonly what: string
  /** The state that instances must be in for it; others are left as they are. */
  readonly from: InstanceStateName
  /** The state that is waited for. */
  readonly to: InstanceStateName
  /** States in which it cannot be asked for. */
  readonly refusedIn?: readonly InstanceStateName[]
  /** A state that is left by itself, and waited for before. */
  readonly through?: InstanceStateName
}

export const SHUTDOWN: PowerChange = {
  action: 'StopInstances',
  title: 'Stopping machines',
  what: 'stopping instances',
  from: 'running',
  to: 'stopped',
  through: 'pending',
}

export const START: PowerChange = {
  action: 'StartInstances',
  title: 'Starting machines',
  what: 'starting instances',
  from: 'stopped',
  to: 'running',
  through: 'stopping',
}

export const REBOOT: PowerChange = {
  action: 'RebootInstances',
  title: 'Restarting machines',
  what: 'restarting instances',
  from: 'running',
  to: 'running',
  refusedIn: ['stopping', 'stopped'],
  through: 'pending',
}

/**
 * Changes the power of instances, all of a region in one call, and waits until each is as it should be.
 * @returns what became of each, by id
 */
export async function changePower(
  machines: readonly Machine[],
  located: ReadonlyMap<string, Located>,
  change: PowerChange,
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
  change: PowerChange,
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

function refusalOf(name: string, found: Located | undefined, change: PowerChange): BeltError | undefined {
  if (!found || hasEnded(found.instance)) return machineGone(name)
  const state = stateOf(found.instance)
  if (!state || !change.refusedIn?.includes(state)) return undefined
  return new BeltError('machine-off', `${name} is ${state}`, {
    host: name,
    hint: `start it: belt start ${name}`,
  })
}

export function machineGone(name: string): BeltError {
  return new BeltError('machine-gone', `${name} is gone`, { host: name, hint: 'belt ls shows what there is' })
}
