import { quote } from '../../domain/quote.ts'
import { fold } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { BeltError, ExitCode } from '../../errors.ts'
import type { Fleet } from '../fleet.ts'
import { assertNoneMissing, findMachines } from '../select-machines.ts'
import { settleGone, unfinishedCreates, youngCreates } from './unfinished.ts'

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
  assertNoneMissing(
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

/**
 * Removes machines, and forgets their host keys and that one of them was the active host.
 * @throws `interrupted` with what was destroyed
 */
export async function destroyMachines(fleet: Fleet, machines: readonly Machine[]): Promise<Destruction> {
  if (machines.length === 0) return { destroyed: [], failures: [] }
  const outcomes = await fleet.driver
    .destroy(machines, { signal: fleet.signal, progress: fleet.progress })
    .finally(() => fleet.machines.forget())
  const destroyed = outcomes.filter(outcome => outcome.ok).map(outcome => outcome.name)
  await fleet.creates.recordOutcome(destroyed)
  await fleet.forgetHostKeys(destroyed)
  const active = await fleet.activeHost.get()
  if (active !== undefined && destroyed.includes(active)) {
    await fleet.activeHost.clear()
    fleet.progress.note(`${active} was the active host; choose another with: belt active NAME`)
  }
  const left = machines.map(({ name }) => name).filter(name => !destroyed.includes(name))
  if (fleet.signal.aborted && left.length > 0) {
    throw new BeltError('interrupted', `interrupted: ${fold(destroyed) || 'nothing'} was destroyed`, {
      exitCode: ExitCode.interrupted,
      hint: `to destroy what is left: belt rm ${quote(fold(left))}`,
    })
  }
  return {
    destroyed,
    failures: outcomes.flatMap(outcome => (outcome.ok ? [] : [{ name: outcome.name, error: outcome.error }])),
  }
}
