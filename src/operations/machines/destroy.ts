import { quorumOf, survivesLoss } from '../../domain/quorum.ts'
import { fold } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { BeltError, ExitCode, reasonOf } from '../../errors.ts'
import type { Node } from '../../remote/nodes.ts'
import { readNodes } from '../../steps/read-swarm.ts'
import type { Fleet } from '../fleet.ts'
import { findMachines, refuseMissing } from '../select-machines.ts'
import { findManager } from '../swarm/manager.ts'
import { nodeOf } from '../swarm/view.ts'
import { settleGone, unfinishedCreates, youngCreates } from './unfinished.ts'

/** What is known, before machines go, of what the swarm would lose with them. */
export type SwarmImpact =
  /** There is no swarm to lose: every machine says that it is in none, or the whole cluster goes. */
  | { readonly kind: 'none' }
  /** The swarm could not be asked; what would be lost is unknown. */
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'known'; readonly managers: string[]; readonly workers: string[] }

/**
 * Asks the swarm which of its nodes would be lost with these machines.
 * @throws a quorum refusal when the swarm would no longer take decisions
 */
export async function swarmImpact(
  fleet: Fleet,
  all: readonly Machine[],
  going: readonly Machine[],
): Promise<SwarmImpact> {
  if (going.length === all.length) return { kind: 'none' }
  let nodes: Node[]
  try {
    nodes = await readNodes((await findManager(fleet, all)).host, fleet.signal)
  } catch (error) {
    // A machine that is off may be in a swarm all the same.
    const isNone = error instanceof BeltError && error.code === 'no-swarm' && all.every(isOn)
    return isNone ? { kind: 'none' } : { kind: 'unknown', reason: reasonOf(error) }
  }
  const members = going.flatMap(machine => {
    const node = nodeOf(machine, nodes)
    return node ? [{ machine, node }] : []
  })
  const managers = members.filter(({ node }) => node.reachability !== undefined)
  refuseLossOfQuorum(nodes, managers.filter(({ node }) => node.reachability === 'reachable').length)
  return {
    kind: 'known',
    managers: managers.map(({ machine }) => machine.name),
    workers: members.filter(member => !managers.includes(member)).map(({ machine }) => machine.name),
  }
}

function isOn(machine: Machine): boolean {
  return machine.status !== 'off'
}

/** Throws a quorum refusal when the swarm would no longer take decisions without these machines, even for a while. */
export async function guardSwarm(fleet: Fleet, going: readonly Machine[]): Promise<void> {
  const impact = await swarmImpact(fleet, await fleet.driver.list({ signal: fleet.signal }), going)
  if (impact.kind === 'unknown')
    fleet.progress.note(`what this does to the swarm is unknown: ${impact.reason}`)
}

function refuseLossOfQuorum(nodes: readonly Node[], lost: number): void {
  const group = nodes.filter(node => node.reachability !== undefined)
  const reachable = group.filter(node => node.reachability === 'reachable').length
  if (lost === 0 || survivesLoss({ managers: group.length, reachable }, lost)) return
  throw new BeltError(
    'quorum',
    `refused: ${reachable} of ${group.length} managers answer, ${lost} of them would go, and the swarm needs ${quorumOf(group.length)}`,
    {
      exitCode: ExitCode.quorum,
      hint: 'demote managers first (belt swarm demote NAME), or name the whole cluster (@all)',
    },
  )
}

/**
 * The machines that an expression names, for their removal. A name that an unfinished create of this working copy has
 * left open counts as known, though it has no machine: it is closed, unless one may still turn up.
 * @throws a usage error for any other name that has no machine
 */
export async function selectForRemoval(fleet: Fleet, expression: readonly string[]): Promise<Machine[]> {
  const isAll = expression.every(word => ['*', '@all'].includes(word))
  const { machines, missing } = await findMachines(fleet, expression).catch(error => {
    // To remove all of a fleet that has none is done already; anything else that matches nothing is a mistake.
    if (isAll && error instanceof BeltError && error.code === 'no-match') return { machines: [], missing: [] }
    throw error
  })
  const { missing: ordered } = await unfinishedCreates(fleet, machines)
  refuseMissing(
    fleet,
    missing.filter(name => !ordered.includes(name)),
  )
  await settleGone(fleet, isAll ? ordered : missing)
  return machines
}

/**
 * Removes what a cluster without machines still has, such as the network that an interrupted create made; not while
 * a machine may still turn up in the vendor's list.
 */
export async function sweepUp(fleet: Fleet): Promise<void> {
  if ((await youngCreates(fleet)).length > 0) return
  await fleet.driver.destroy([], { signal: fleet.signal })
}

export interface Destruction {
  destroyed: string[]
  failures: { name: string; error: Error }[]
}

/** Removes machines, and forgets their host keys and that one of them was the active host. */
export async function destroyMachines(fleet: Fleet, machines: readonly Machine[]): Promise<Destruction> {
  const outcomes = await fleet.driver.destroy(machines, { signal: fleet.signal, progress: fleet.progress })
  const destroyed = outcomes.filter(outcome => outcome.ok).map(outcome => outcome.name)
  await fleet.creates.settle(destroyed)
  await fleet.forgetHostKeys(destroyed)
  const active = await fleet.activeHost.get()
  if (active !== undefined && destroyed.includes(active)) {
    await fleet.activeHost.clear()
    fleet.progress.note(`${active} was the active host; choose another with: belt active NAME`)
  }
  if (fleet.signal.aborted) {
    throw new BeltError('interrupted', `interrupted: ${fold(destroyed) || 'nothing'} is gone`, {
      exitCode: ExitCode.interrupted,
      hint: 'belt ls shows what is left; the same belt rm again removes it',
    })
  }
  return {
    destroyed,
    failures: outcomes.flatMap(outcome => (outcome.ok ? [] : [{ name: outcome.name, error: outcome.error }])),
  }
}
