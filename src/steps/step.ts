import { type Change, inContext } from '../record.ts'

/**
 * One change of one host or swarm, safe to repeat. `changes` lists in sentences what is left to do. Skipping, dry runs and
 * the journal all rely on that list, so they cannot disagree.
 */
export interface Step {
  readonly title: string
  /** What `run` would change now; empty if there is nothing to do. @throws if the state cannot be read or forbids it */
  changes(): Promise<(string | Change)[]>
  /** Makes the change and waits until it has taken effect. @throws if it has not by its deadline */
  run(): Promise<void>
}

/** Runs a step if it has something to do. @returns whether it ran */
export async function perform(step: Step): Promise<boolean> {
  return (await carryOut(step)).length > 0
}

/** Runs a step if it has something to do. @returns what it changed, in sentences */
export async function carryOut(step: Step): Promise<string[]> {
  const changes = await step.changes()
  if (changes.length > 0) await inContext({ title: step.title, changes }, () => step.run())
  return changes.map(String)
}
