import { foldShort } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { BeltError, reasonOf } from '../../errors.ts'
import { type Answer, fanOut } from '../../hosts/fan-out.ts'
import { retry } from '../../retry.ts'
import { readNodes } from '../../steps/read-swarm.ts'
import { readHostname, renameHost } from '../../steps/rename-host.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import { selectMachines } from '../select-machines.ts'
import { findManager } from '../swarm/manager.ts'
import { readMemberships } from '../swarm/view.ts'

/** A node tells its managers a new name every 20 s, without a restart. */
const SEEN_TIMEOUT_MS = 45_000
const POLL_MS = 2000

export interface Renaming {
  /** Whether each host had to be renamed. */
  readonly answers: Answer<boolean>[]
  /** Machines that their engine or the swarm still calls otherwise. */
  readonly stale: Machine[]
}

/**
 * Calls hosts as their machines are called, and waits until their engines and the swarm do so as well. No engine is
 * restarted; those that would have to be are told.
 * @param seenTimeoutMs how long the engines and the swarm may take
 */
export async function renameHosts(
  fleet: Fleet,
  nodes: readonly string[],
  seenTimeoutMs = SEEN_TIMEOUT_MS,
): Promise<Renaming> {
  const machines = await selectMachines(fleet, nodes)
  const task = fleet.progress.start('Renaming', machines.length)
  const answers = await fanOut(machines, machine => perform(renameHost(fleet.host(machine), fleet.signal)), {
    ...fleet,
    onAnswer: answer => task.step(answer.host),
  })
  task.done()
  const named = machines.filter((_, index) => answers[index]?.ok)
  return { answers, stale: await awaitNames(fleet, named, seenTimeoutMs) }
}

async function awaitNames(
  fleet: Fleet,
  machines: readonly Machine[],
  deadlineMs: number,
): Promise<Machine[]> {
  if (machines.length === 0) return []
  const task = fleet.progress.start('Waiting for the engines and the swarm to use the names')
  let stale: Machine[] = []
  const look = async () => {
    stale = await staleMachines(fleet, machines)
    if (stale.length > 0) throw new BeltError('stale-name', foldShort(stale.map(({ name }) => name)))
  }
  try {
    await retry(look, {
      deadlineMs,
      everyMs: POLL_MS,
      signal: fleet.signal,
      retryable: error => error instanceof BeltError && error.code === 'stale-name',
      onRetry: error => task.update(reasonOf(error)),
    })
    task.done()
  } catch (error) {
    task.fail(reasonOf(error))
    if (stale.length === 0) throw error
  }
  return stale
}

async function staleMachines(fleet: Fleet, machines: readonly Machine[]): Promise<Machine[]> {
  const readings = await fanOut(machines, machine => readHostname(fleet.host(machine), fleet.signal), fleet)
  const listed = await listedNames(fleet, machines)
  return machines.filter(({ name }, index) => {
    const reading = readings[index]
    if (!reading?.ok) throw reading?.error
    return [reading.value.engine, listed.get(name)].some(other => other !== undefined && other !== name)
  })
}

/** What the swarm calls those machines that are members of it. */
async function listedNames(fleet: Fleet, machines: readonly Machine[]): Promise<Map<string, string>> {
  const memberships = await readMemberships(fleet, machines)
  const members = memberships.flatMap(answer =>
    answer.ok && answer.value.state === 'active' && answer.value.nodeId
      ? [{ name: answer.host, nodeId: answer.value.nodeId }]
      : [],
  )
  if (members.length === 0) return new Map()
  const manager = await findManager(fleet, await fleet.driver.list({ signal: fleet.signal }))
  const nodes = await readNodes(manager.host, fleet.signal)
  return new Map(
    members.flatMap(({ name, nodeId }) => {
      const node = nodes.find(({ id }) => id === nodeId)
      return node ? [[name, node.hostname] as const] : []
    }),
  )
}
