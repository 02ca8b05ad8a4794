import { fold } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { usageError } from '../../errors.ts'
import { type Answer, failedOf, fanOut } from '../../hosts/fan-out.ts'
import { isLate, joinSwarm } from '../../steps/join-swarm.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import { swarmAddress } from '../machines/address.ts'
import { oneByOne } from '../one-by-one.ts'
import { selectMachines } from '../select-machines.ts'
import { clearGhosts } from './join-ghosts.ts'
import type { PaceLimits } from './join-pace.ts'
import { countJoins } from './join-progress.ts'
import { type JoinedSwarm, openTarget } from './join-target.ts'
import { warnOfNames, warnOfRoom } from './join-warnings.ts'
import { nodeOf } from './match-nodes.ts'

export interface Joined {
  readonly role: 'worker' | 'manager'
  /** False when the node belonged to this swarm already. */
  readonly changed: boolean
  /** Whether the engine gave up waiting, and the join came to its end nevertheless. */
  readonly timedOut: boolean
}

export interface JoinRequest {
  /** The manager to join through, by name. */
  readonly manager: string
  readonly nodes: string | readonly string[]
  readonly role: 'worker' | 'manager'
}

/**
 * Joins machines to the swarm of a manager, and remembers those that failed for `@failed`. Workers join as many at
 * once as the managers bear; managers one at a time, the next only when the last is reachable, because each raises the
 * quorum before it helps to reach it. The first manager that fails ends the run: the others are answered as not tried.
 * @returns one answer per machine
 */
export async function joinNodes(
  fleet: Fleet,
  request: JoinRequest,
  limits: PaceLimits = {},
): Promise<Answer<Joined>[]> {
  const [manager, ...more] = await selectMachines(fleet, request.manager)
  if (!manager || more.length > 0) {
    throw usageError('one-manager', `one manager is joined through, not ${request.manager}`, {
      hint: "belt swarm join MANAGER 'node[1:4]'",
    })
  }
  const machines = (await selectMachines(fleet, request.nodes)).filter(({ name }) => name !== manager.name)
  const swarm = await openTarget(fleet, manager, request.role, limits)
  await warnOfRoom(fleet, swarm, machines.filter(machine => !nodeOf(machine, swarm.nodes)).length)
  const answers = await joinAll(fleet, swarm, machines)
  await warnOfNames(fleet, swarm, machines)
  await rememberFailures(fleet, request.manager, answers)
  return answers
}

async function rememberFailures(
  fleet: Fleet,
  manager: string,
  answers: readonly Answer<Joined>[],
): Promise<void> {
  const failed = failedOf(answers).map(({ host }) => host)
  await fleet.lastFailures.set(failed)
  if (failed.length === 0) return
  fleet.progress.note(
    `failed on ${failed.length} of ${answers.length}: ${fold(failed)}; belt swarm join ${manager} @failed tries them again`,
  )
}

/** Joins machines; those whose join was late are looked at again when all others are done. */
export async function joinAll(
  fleet: Fleet,
  swarm: JoinedSwarm,
  machines: readonly Machine[],
): Promise<Answer<Joined>[]> {
  const count = countJoins(fleet.progress, machines.length, swarm.pace)
  const join = (machine: Machine) => joinOne(fleet, swarm, machine)
  if (swarm.role === 'manager') {
    return count.ended(await oneByOne(machines, join, { signal: fleet.signal, onAnswer: count.answered }))
  }
  const first = await fanOut(machines, join, {
    ...fleet,
    onAnswer: answer => {
      if (answer.ok || !isLate(answer.error)) count.answered(answer)
    },
  })
  const late = machines.filter((_, index) => {
    const answer = first[index]
    return answer?.ok === false && isLate(answer.error)
  })
  const again = await fanOut(late, joinLate, { ...fleet, onAnswer: count.answered })
  const byName = new Map(again.map(answer => [answer.host, answer]))
  return count.ended(first.map(answer => byName.get(answer.host) ?? answer))

  async function joinLate(machine: Machine): Promise<Joined> {
    return { ...(await join(machine)), changed: true, timedOut: true }
  }
}

async function joinOne(fleet: Fleet, swarm: JoinedSwarm, machine: Machine): Promise<Joined> {
  let timedOut = false
  const target = swarm.next(machine.name, () => {
    timedOut = true
  })
  const host = fleet.host(machine)
  try {
    const changed = await perform(joinSwarm(host, target, swarmAddress(fleet, machine), fleet.signal))
    return { role: swarm.role, changed, timedOut }
  } catch (error) {
    if (swarm.role === 'manager') await clearGhosts(fleet, swarm.manager, machine)
    throw error
  }
}
