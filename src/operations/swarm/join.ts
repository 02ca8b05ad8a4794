import pLimit from 'p-limit'
import type { Machine } from '../../drivers/driver.ts'
import { precheckError, usageError } from '../../errors.ts'
import { type Answer, fanOut } from '../../hosts/fan-out.ts'
import type { Host } from '../../hosts/host.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import { joinTokenCommand } from '../../remote/swarm.ts'
import { joinSwarm, type TargetSwarm } from '../../steps/join-swarm.ts'
import { readMembership, readNodes } from '../../steps/read-swarm.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import { oneByOne } from '../one-by-one.ts'
import { selectMachines } from '../select-machines.ts'
import { swarmAddress } from './view.ts'

/** How many workers join at once: joins are what loads the managers, each writes to Raft several times. */
const JOINS_AT_ONCE = 25

export interface Joined {
  readonly role: 'worker' | 'manager'
  /** False when the node belonged to this swarm already. */
  readonly changed: boolean
}

export interface JoinRequest {
  /** The manager to join through, by name. */
  readonly manager: string
  readonly nodes: string | readonly string[]
  readonly role: 'worker' | 'manager'
  readonly onAnswer?: (answer: Answer<Joined>) => void
}

/**
 * Joins machines to the swarm of a manager. Workers join in a window of 25; managers one at a time, the next only
 * when the last is reachable, because each raises the quorum before it helps to reach it. The first manager that
 * fails ends the run: the others are answered as not tried.
 */
export async function joinNodes(fleet: Fleet, request: JoinRequest): Promise<Answer<Joined>[]> {
  const [managerMachine, ...more] = await selectMachines(fleet, request.manager)
  if (!managerMachine || more.length > 0) {
    throw usageError('one-manager', `one manager is joined through, not ${request.manager}`, {
      hint: "belt swarm join MANAGER 'node[1:4]'",
    })
  }
  const machines = (await selectMachines(fleet, request.nodes)).filter(
    ({ name }) => name !== managerMachine.name,
  )
  const target = await targetSwarm(fleet, managerMachine, request.role)
  const join = (machine: Machine) => joinOne(fleet, machine, target)
  const options = { signal: fleet.signal, ...(request.onAnswer && { onAnswer: request.onAnswer }) }
  if (request.role === 'manager') return oneByOne(machines, join, options)
  return fanOut(machines, join, { ...options, concurrency: Math.min(fleet.concurrency, JOINS_AT_ONCE) })
}

async function targetSwarm(fleet: Fleet, machine: Machine, role: 'worker' | 'manager'): Promise<TargetSwarm> {
  const host = fleet.host(machine)
  const membership = await readMembership(host, fleet.signal)
  if (!membership.isManager || membership.state !== 'active' || !membership.clusterId) {
    throw precheckError(
      'not-a-manager',
      `${machine.name} is no working manager: it is ${membership.error ?? membership.state}`,
      { host: machine.name, hint: `belt swarm init ${machine.name} starts a swarm there` },
    )
  }
  const { stdout } = await runChecked(host, joinTokenCommand(role), { signal: fleet.signal })
  const own = membership.managers.filter(manager => manager.nodeId === membership.nodeId)
  const others = membership.managers.filter(manager => manager.nodeId !== membership.nodeId)
  return {
    clusterId: membership.clusterId,
    managers: [...own, ...others].map(manager => manager.address),
    role,
    token: stdout.trim(),
    readNodes: shareWhileRunning(host, fleet.signal),
  }
}

/** Many joins ask the one manager at once: those that ask before a read has begun share it. */
function shareWhileRunning(host: Host, signal: AbortSignal): TargetSwarm['readNodes'] {
  const oneAtATime = pLimit(1)
  let next: ReturnType<typeof readNodes> | undefined
  return () => {
    next ??= oneAtATime(() => {
      next = undefined
      return readNodes(host, signal)
    })
    return next
  }
}

async function joinOne(fleet: Fleet, machine: Machine, target: TargetSwarm): Promise<Joined> {
  const step = joinSwarm(fleet.host(machine), target, swarmAddress(fleet, machine), fleet.signal)
  return { role: target.role, changed: await perform(step) }
}
