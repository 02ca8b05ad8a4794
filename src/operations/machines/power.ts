import type { Machine, Outcome } from '../../drivers/driver.ts'
import { usageError } from '../../errors.ts'
import type { Fleet } from '../fleet.ts'
import { selectMachines } from '../select-machines.ts'
import { awaitAnswers } from './await-answers.ts'
import { assertSwarmCanSpare } from './impact.ts'

export interface PowerChange {
  /** Every machine, in its new state; those that failed as they were. */
  machines: Machine[]
  failures: { name: string; error: Error }[]
}

/**
 * Changes machines that are down meanwhile.
 * @param swarmLost whether to go on even if the swarm cannot tell what it would lose
 * @throws a quorum refusal when the swarm cannot spare them; a usage error when one does not exist
 */
export async function takeDown(
  fleet: Fleet,
  names: readonly string[],
  swarmLost: boolean,
  change: (fleet: Fleet, machines: readonly Machine[]) => Promise<PowerChange>,
): Promise<PowerChange> {
  const machines = await selectMachines(fleet, names)
  await assertSwarmCanSpare(fleet, machines, swarmLost)
  return change(fleet, machines)
}

/** Stops machines gracefully. @throws a usage error when the driver cannot */
export async function shutDown(fleet: Fleet, machines: readonly Machine[]): Promise<PowerChange> {
  return summary(machines, await capability(fleet, 'shutdown')(machines, callOptions(fleet)))
}

/** Starts machines, and waits until they answer. @throws a usage error when the driver cannot */
export async function startUp(fleet: Fleet, machines: readonly Machine[]): Promise<PowerChange> {
  return answering(fleet, summary(machines, await capability(fleet, 'start')(machines, callOptions(fleet))))
}

/** Restarts machines, and waits until they answer. @throws a usage error when the driver cannot */
export async function reboot(fleet: Fleet, machines: readonly Machine[]): Promise<PowerChange> {
  return answering(fleet, summary(machines, await capability(fleet, 'reboot')(machines, callOptions(fleet))))
}

/**
 * Gives machines another size: those that run are stopped, resized and started again; those that are off stay off.
 * A machine that fails at one step is left out of the next, and reported.
 * @param disk whether the disk grows too, which some vendors never undo
 * @throws a usage error when the driver cannot
 */
export async function resize(
  fleet: Fleet,
  machines: readonly Machine[],
  size: string,
  disk: boolean,
): Promise<PowerChange> {
  const change = capability(fleet, 'resize')
  const running = new Set(machines.filter(({ status }) => status !== 'off').map(({ name }) => name))
  const stopped = await shutDown(
    fleet,
    machines.filter(({ name }) => running.has(name)),
  )
  const failed = new Set(stopped.failures.map(({ name }) => name))
  const ready = machines.filter(({ name }) => !failed.has(name))
  const resized = summary(ready, await change(ready, size, { ...callOptions(fleet), disk }))
  // This includes machines whose resize failed, because they were running before.
  const started = await startUp(
    fleet,
    resized.machines.filter(({ name }) => running.has(name)),
  )
  const byName = new Map(
    [...machines, ...resized.machines, ...started.machines].map(each => [each.name, each]),
  )
  return {
    machines: machines.map(machine => byName.get(machine.name) ?? machine),
    failures: [...stopped.failures, ...resized.failures, ...started.failures],
  }
}

type Capability = 'shutdown' | 'start' | 'reboot' | 'resize'

/** What the driver does to machines. @throws a usage error when it cannot */
export function capability<C extends Capability>(fleet: Fleet, name: C) {
  const { driver, machines } = fleet
  const method = driver[name]
  if (method) {
    const change = method.bind(driver) as (...args: unknown[]) => Promise<Outcome[]>
    // A machine that was changed may have another address or status.
    const forgetting = (...args: unknown[]) => change(...args).finally(() => machines.forget())
    return forgetting as NonNullable<typeof method>
  }
  throw usageError('not-supported', `the ${driver.name} driver cannot ${name} machines`, {
    hint:
      name === 'resize' ? 'create machines of the new size and remove the old ones' : 'do it where they run',
  })
}

function callOptions(fleet: Fleet) {
  return { signal: fleet.signal, progress: fleet.progress }
}

function summary(machines: readonly Machine[], outcomes: readonly Outcome[]): PowerChange {
  const changed = new Map(
    outcomes.flatMap(({ name, machine }) => (machine ? [[name, machine] as const] : [])),
  )
  return {
    machines: machines.map(machine => changed.get(machine.name) ?? machine),
    failures: outcomes.flatMap(outcome => (outcome.ok ? [] : [{ name: outcome.name, error: outcome.error }])),
  }
}

async function answering(fleet: Fleet, change: PowerChange): Promise<PowerChange> {
  const failed = new Set(change.failures.map(({ name }) => name))
  const awaited = change.machines.filter(({ name }) => !failed.has(name))
  return { ...change, failures: [...change.failures, ...(await awaitAnswers(fleet, awaited))] }
}
