import type { Machine } from '../../drivers/driver.ts'
import type { Fleet, RecordedCreate } from '../fleet.ts'

/** How long a create goes on sending orders at most: thousands of machines, paced by the vendor's limits. */
const LONGEST_ORDER_MS = 900_000

/** Names of creates that never came to their end, as far as this working copy knows. */
export interface UnfinishedCreates {
  /** Their machines exist. */
  readonly existing: string[]
  /** No machine is listed, though one may still turn up when the create is young. */
  readonly missing: string[]
}

/** Compares what was ordered and never confirmed with what there is. */
export async function unfinishedCreates(
  fleet: Fleet,
  machines: readonly Machine[],
): Promise<UnfinishedCreates> {
  const names = new Set((await fleet.creates.read()).flatMap(create => create.open))
  const existing = machines.map(machine => machine.name).filter(name => names.has(name))
  return { existing, missing: [...names].filter(name => !existing.includes(name)) }
}

/**
 * Closes the records of names whose machines are gone or never appeared. A recent create stays open while a machine may
 * still appear.
 */
export async function settleGone(fleet: Fleet, names: readonly string[]): Promise<void> {
  const young = await youngCreates(fleet)
  const mayTurnUp = new Set(young.flatMap(create => create.open))
  await fleet.creates.recordOutcome(names.filter(name => !mayTurnUp.has(name)))
}

/**
 * Waits until the vendor's list shows what an interrupted create of these names has made: before that, they would be
 * made twice.
 */
export async function awaitListed(fleet: Fleet, names: readonly string[]): Promise<void> {
  const young = await youngCreates(fleet)
  if (!young.some(({ open }) => open.some(name => names.includes(name)))) return
  const lagMs = fleet.driver.listLagMs ?? 0
  const task = fleet.progress.start(`Waiting ${lagMs / 1000} s for the machines of an interrupted create`)
  await fleet.clock.sleep(lagMs, fleet.signal)
  task.done()
}

/** Creates that may have ordered machines a moment ago, which a list that lags does not show yet. */
export async function youngCreates(fleet: Fleet): Promise<RecordedCreate[]> {
  if (!fleet.driver.listLagMs) return []
  const begunAfter = Date.now() - LONGEST_ORDER_MS
  return (await fleet.creates.read()).filter(({ at, open }) => open.length > 0 && Date.parse(at) > begunAfter)
}
