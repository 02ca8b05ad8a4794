import type { Driver, Machine, MachineSpec } from '../../drivers/driver.ts'
import { type BeltError, precheckError } from '../../errors.ts'
import { type Answer, failedOf } from '../../hosts/fan-out.ts'
import { silentProgress } from '../../progress.ts'
import { FIRST_BOOT_LOG, firstBootJoinScript } from '../../remote/first-boot-join.ts'
import type { Fleet } from '../fleet.ts'
import { awaitNodes } from '../swarm/await-nodes.ts'
import { findManager } from '../swarm/find-manager.ts'
import { joinAll } from '../swarm/join.ts'
import { type JoinTarget, readJoinTarget } from '../swarm/join-target.ts'
import { warnOfRoom } from '../swarm/join-warnings.ts'
import { nodeOf } from '../swarm/match-nodes.ts'
import { rotateTokenAfter } from '../swarm/rotate-token-after.ts'
import { awaitAnswers } from './await-answers.ts'
import { type Creation, createMachines } from './create.ts'

/** How many machines join in a second, on the average: nobody paces them by what the managers bear. */
const JOINS_A_SECOND = 10

export interface JoiningCreation extends Creation {
  /** Names of those that are nodes of the swarm now, in the order in which they were asked for. */
  readonly joined: string[]
  /** Whether the worker token is a new one now: not where no machine was given the old one. */
  readonly tokenReplaced: boolean
  /** Why the token that the machines were given still lets anyone in; undefined: it does not. */
  readonly tokenError?: BeltError | undefined
}

/**
 * Makes machines that join the swarm as workers at their first start, without SSH, where the driver can hand them a
 * script; over SSH where it cannot, and those that were there before. What one can read in a machine's user data lets
 * nobody in for long: the worker token is replaced when all have joined or the wait for them has ended, however; not where
 * no machine was given it.
 * @param timeoutMs how long the machines may take to join once they are made
 * @returns with one failure for each machine that was not made, or has not joined
 */
export async function createJoining(
  fleet: Fleet,
  specs: readonly MachineSpec[],
  timeoutMs: number,
): Promise<JoiningCreation> {
  const manager = await managerToJoin(fleet)
  const swarm = await readJoinTarget({ ...fleet, progress: silentProgress }, manager, 'worker')
  const listed = new Set(swarm.nodes.map(({ hostname }) => hostname))
  await warnOfRoom(fleet, swarm, specs.filter(({ name }) => !listed.has(name)).length)
  const made = await (fleet.driver.createWithScript
    ? makeJoining(fleet, manager, swarm, specs, timeoutMs)
    : makePlain(fleet, specs))
  const others = soundOf(made.creation).filter(({ name }) => !made.awaited.has(name))
  const result = concluded(made, await enrol(fleet, manager, swarm, others))
  await fleet.lastFailures.set(result.failures.map(({ name }) => name))
  return result
}

async function managerToJoin(fleet: Fleet): Promise<Machine> {
  const machines = await fleet.machines.list(fleet.signal)
  if (machines.length > 0) return (await findManager(fleet, machines)).machine
  throw precheckError('no-swarm', `${fleet.cluster} has no machines, and no swarm to join`, {
    hint: 'belt create 1gb mg0, then belt swarm init mg0, then the same command again',
  })
}

/** What was made, and what became of the machines that were to join by themselves. */
interface Made {
  readonly creation: Creation
  readonly awaited: ReadonlyMap<string, Answer<unknown>>
  readonly tokenReplaced: boolean
  readonly tokenError?: BeltError | undefined
}

async function makePlain(fleet: Fleet, specs: readonly MachineSpec[]): Promise<Made> {
  fleet.progress.note(
    `the ${fleet.driver.name} driver cannot pass machines a script for their first start: they join over SSH`,
  )
  const creation = await createMachines(fleet, specs, { awaitSsh: false })
  return { creation, awaited: new Map(), tokenReplaced: false }
}

async function makeJoining(
  fleet: Fleet,
  manager: Machine,
  swarm: JoinTarget,
  specs: readonly MachineSpec[],
  timeoutMs: number,
): Promise<Made> {
  const before = new Set<string>()
  const hint = (name: string) =>
    `belt swarm join ${manager.name} ${name} joins it over SSH; ${FIRST_BOOT_LOG} on it shows why it did not`
  const { result, ...token } = await rotateTokenAfter(swarm, fleet.progress, async showing => {
    const make = makerWithToken(fleet, swarm, before, showing)
    const creation = await createMachines(fleet, specs, { make, awaitSsh: false })
    const fresh = soundOf(creation).filter(({ name }) => !before.has(name))
    const answers = await awaitNodes(fleet, fresh, { view: swarm.view, before: swarm.nodes, timeoutMs, hint })
    return { creation, awaited: new Map(answers.map(answer => [answer.host, answer])) }
  })
  return { ...result, ...token }
}

/** Creates machines with the script that joins them; those that are there already, half-made ones too, have another. */
function makerWithToken(
  { driver, machines }: Fleet,
  swarm: JoinTarget,
  before: Set<string>,
  showing: () => void,
): Driver['create'] {
  return async (specs, options = {}) => {
    for (const { name } of await machines.list(options.signal)) before.add(name)
    const fresh = specs.filter(({ name }) => !before.has(name)).length
    if (fresh === 0) return driver.create(specs, options)
    showing()
    const script = firstBootJoinScript({
      token: swarm.token,
      managers: swarm.addresses,
      spreadSeconds: fresh / JOINS_A_SECOND,
    })
    return (await driver.createWithScript?.(specs, script, options)) ?? []
  }
}

/** Those that exist and are as they should be. */
function soundOf({ machines, failures }: Creation): Machine[] {
  const failed = new Set(failures.map(({ name }) => name))
  return machines.filter(({ name }) => !failed.has(name))
}

type Enrolment = Pick<JoiningCreation, 'joined' | 'failures'>

/** Joins machines over SSH, unless the managers list them already. */
async function enrol(
  fleet: Fleet,
  manager: Machine,
  { nodes }: JoinTarget,
  machines: readonly Machine[],
): Promise<Enrolment> {
  const isMember = (machine: Machine) => nodeOf(machine, nodes)?.state === 'ready'
  const members = machines.filter(isMember).map(({ name }) => name)
  const outside = machines.filter(machine => !isMember(machine))
  const failures = await awaitAnswers(fleet, outside)
  const silent = new Set(failures.map(({ name }) => name))
  const answering = outside.filter(({ name }) => !silent.has(name))
  if (answering.length === 0) return { joined: members, failures }
  const swarm = await readJoinTarget(fleet, manager, 'worker')
  const over = enrolmentOf(await joinAll(fleet, swarm, answering))
  return { joined: [...members, ...over.joined], failures: [...failures, ...over.failures] }
}

function enrolmentOf(answers: readonly Answer<unknown>[]): Enrolment {
  return {
    joined: answers.filter(({ ok }) => ok).map(({ host }) => host),
    failures: failedOf(answers).map(({ host, error }) => ({ name: host, error })),
  }
}

function concluded(
  { creation, awaited, tokenReplaced, tokenError }: Made,
  others: Enrolment,
): JoiningCreation {
  const own = enrolmentOf([...awaited.values()])
  const joined = new Set([...own.joined, ...others.joined])
  return {
    ...creation,
    joined: creation.machines.map(({ name }) => name).filter(name => joined.has(name)),
    failures: [...creation.failures, ...own.failures, ...others.failures],
    tokenReplaced,
    tokenError,
  }
}
