import { fold } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { usageError } from '../../errors.ts'
import { type Answer, failedOf, fanOut } from '../../hosts/fan-out.ts'
import { joinSwarm } from '../../steps/join-swarm.ts'
import { perform, type Step } from '../../steps/step.ts'
import { isUnfinishedJoin } from '../../waits/await-joined.ts'
import type { Fleet } from '../fleet.ts'
import { swarmAddress } from '../machines/address.ts'
import { oneByOne } from '../one-by-one.ts'
import { selectMachines } from '../select-machines.ts'
import { clearGhosts } from './join-ghosts.ts'
import { countJoins } from './join-progress.ts'
import { type JoinTarget, readJoinTarget } from './join-target.ts'
import { warnOfNames, warnOfRoom } from './join-warnings.ts'
import { nodeOf } from './match-nodes.ts'

export interface Joined {
  readonly role: 'worker' | 'manager'
  /** False if the node was already in this swarm. */
  readonly changed: boolean
  /** Whether the engine stopped waiting for the join, which then succeeded in the background. */
  readonly isLate: boolean
}

export interface JoinRequest {
  /** The manager to join through, by name. */
  readonly manager: string
  readonly nodes: string | readonly string[]
  readonly role: 'worker' | 'manager'
}

/**
 * Joins machines to the swarm of a manager, and stores those that failed for `@failed`. Workers join in parallel, as
 * many as the managers can take. Managers join one at a time, each only after the previous one is reachable, because a
 * new manager raises the quorum before it counts towards it. After the first manager that fails, the rest are reported
 * as not tried.
 * @returns one answer per machine
 */
export async function joinNodes(fleet: Fleet, request: JoinRequest): Promise<Answer<Joined>[]> {
  const [manager, ...more] = await selectMachines(fleet, request.manager)
  if (!manager || more.length > 0) {
    throw usageError('one-manager', `specify one manager to join, not ${request.manager}`, {
      hint: "belt swarm join MANAGER 'node[1:4]'",
    })
  }
  const machines = (await selectMachines(fleet, request.nodes)).filter(({ name }) => name !== manager.name)
  const target = await readJoinTarget(fleet, manager, request.role)
  await warnOfRoom(fleet, target, machines.filter(machine => !nodeOf(machine, target.nodes)).length)
  const answers = await joinAll(fleet, target, machines)
  await warnOfNames(fleet, target, machines)
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
    `failed on ${failed.length} of ${answers.length}: ${fold(failed)}; belt swarm join ${manager} @failed retries them`,
  )
}

/** Joins machines. Checks late joins again after all others have finished. */
export async function joinAll(
  fleet: Fleet,
  target: JoinTarget,
  machines: readonly Machine[],
): Promise<Answer<Joined>[]> {
  const { concurrency, connections, signal } = fleet
  const pace = target.role === 'worker' ? target.pace : undefined
  const count = countJoins(fleet, machines.length, pace)
  const join = (machine: Machine) => joinOne(fleet, target, machine)
  if (target.role === 'manager') {
    return count.ended(await oneByOne(machines, join, { signal, onAnswer: count.answered }))
  }
  const first = await fanOut(machines, join, {
    concurrency,
    connections,
    signal,
    onAnswer: answer => {
      if (answer.ok || !isUnfinishedJoin(answer.error)) count.answered(answer)
    },
  })
  const unfinished = machines.filter((_, index) => {
    const answer = first[index]
    return answer?.ok === false && isUnfinishedJoin(answer.error)
  })
  const again = await fanOut(unfinished, joinAgain, {
    ...{ concurrency, connections, signal },
    onAnswer: count.answered,
  })
  const byName = new Map(again.map(answer => [answer.host, answer]))
  return count.ended(first.map(answer => byName.get(answer.host) ?? answer))

  async function joinAgain(machine: Machine): Promise<Joined> {
    return { ...(await join(machine)), changed: true, isLate: true }
  }
}

async function joinOne(fleet: Fleet, target: JoinTarget, machine: Machine): Promise<Joined> {
  let isLate = false
  const onLate = () => {
    isLate = true
  }
  try {
    const changed = await perform(pacedJoin(fleet, target, machine, onLate))
    return { role: target.role, changed, isLate }
  } catch (error) {
    if (target.role === 'manager') await clearGhosts(fleet, target.manager, machine)
    throw error
  }
}

/** A join that starts as soon as the managers can take it. Hosts that have already joined do not wait. */
function pacedJoin(fleet: Fleet, target: JoinTarget, machine: Machine, onLate: () => void): Step {
  let slowDown = () => {}
  const step = joinSwarm(fleet.host(machine), target.next(), {
    advertiseAddress: swarmAddress(fleet, machine),
    signal: fleet.signal,
    clock: fleet.clock,
    onLate() {
      onLate()
      slowDown()
    },
  })
  return {
    title: step.title,
    changes: () => step.changes(),
    run: () =>
      target.pace.through(async late => {
        slowDown = late
        await target.admit(machine.name)
        await step.run()
      }),
  }
}
