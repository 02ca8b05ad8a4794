import { fold } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { amended, BeltError, ExitCode } from '../../errors.ts'
import { type Answer, failedOf } from '../../hosts/fan-out.ts'
import type { Fleet } from '../fleet.ts'
import { dropGone, planRetirement, type Retirement, retire } from '../swarm/retire.ts'
import { contentsOn, type HostContents } from './contents.ts'
import { type Destruction, destroyMachines, selectForRemoval, sweepUp } from './destroy.ts'
import { type SwarmImpact, swarmImpact } from './impact.ts'

/** The machines that would be destroyed, and what the swarm would lose with them. Nothing has changed yet. */
export interface DestructionPlan {
  readonly machines: readonly Machine[]
  readonly impact: SwarmImpact
  /** How their nodes leave the swarm before; undefined if they are destroyed as they are. */
  readonly retirement: Retirement | undefined
  /** What is lost with the machines besides tasks. It is not asked for if the whole cluster goes. */
  readonly contents: readonly HostContents[]
}

export interface RemoveMachinesOptions {
  /** Whether to proceed if no manager can confirm what the swarm would lose. */
  readonly swarmLost: boolean
  /** Whether to destroy members of the swarm as they are. */
  readonly force: boolean
  /** How long the drain may take (default: derived from the stop times of the services). */
  readonly drainDeadlineMs?: number | undefined
  /** Asked before anything is changed; throws to cancel. */
  confirm(plan: DestructionPlan): Promise<void>
}

/**
 * Destroys the machines that an expression names, after their nodes have left the swarm. If it names none, and so the
 * whole of an empty cluster, removes what an interrupted create left.
 * @throws a usage error for unknown names; a quorum refusal if the swarm would lose its quorum; a precheck error if
 *   that is unknown; as `retire`
 */
export async function removeMachines(
  fleet: Fleet,
  expression: readonly string[],
  { swarmLost, force, drainDeadlineMs, confirm }: RemoveMachinesOptions,
): Promise<Destruction> {
  const all = await fleet.machines.list(fleet.signal)
  const machines = await selectForRemoval(fleet, expression)
  if (machines.length === 0) {
    await sweepUp(fleet)
    return { destroyed: [], failures: [] }
  }
  const impact = await swarmImpact(fleet, all, machines, swarmLost)
  const retirement = impact.kind === 'known' && !force ? await planRetirement(fleet, machines) : undefined
  const contents = machines.length === all.length ? [] : await contentsOn(fleet, machines)
  await confirm({ machines, impact, retirement, contents })
  if (!retirement) return destroyMachines(fleet, machines)
  const failures = failuresOf(await retireFirst(fleet, retirement, drainDeadlineMs))
  const left = new Set(failures.map(({ name }) => name))
  const destruction = await destroyMachines(
    fleet,
    machines.filter(({ name }) => !left.has(name)),
  )
  const listed = failuresOf(await dropGone(fleet, retirement, destruction.destroyed))
  return { ...destruction, failures: [...failures, ...destruction.failures, ...listed] }
}

async function retireFirst(
  fleet: Fleet,
  retirement: Retirement,
  drainDeadlineMs: number | undefined,
): Promise<Answer<unknown>[]> {
  const answers = await retire(fleet, retirement, drainDeadlineMs).catch(error => {
    if (!(error instanceof BeltError)) throw error
    const force = 'belt rm --force destroys the machines without this'
    throw amended(error, error.message, { hint: error.hint ? `${error.hint}; ${force}` : force })
  })
  if (!fleet.signal.aborted) return answers
  const removed = answers.filter(({ ok }) => ok).map(({ host }) => host)
  throw new BeltError(
    'interrupted',
    `interrupted: ${fold(removed) || 'nothing'} was removed from the swarm, and nothing was destroyed`,
    { exitCode: ExitCode.interrupted, hint: 'the same belt rm goes on' },
  )
}

function failuresOf(answers: readonly Answer<unknown>[]): Destruction['failures'] {
  return failedOf(answers).map(({ host, error }) => ({ name: host, error }))
}
