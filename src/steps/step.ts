import { type Change, inContext } from '../record.ts'

/**
 * One verb on one host or swarm. Safe to run again: `changes` tells what is still to do, in sentences, and is the one
 * answer to idempotence, skipping, dry run and the journal, so that they cannot disagree.
 */
export interface Step {
  readonly title: string
  /** What `run` would change now; empty when nothing is to do. @throws when the state cannot be read or forbids it */
  changes(): Promise<(string | Change)[]>
  /** Makes the change and waits until it has taken effect. @throws when it has not by its deadline */
  run(): Promise<void>
}

/** Runs a step unless nothing is to do; tells whether it ran. */
export async function perform(step: Step): Promise<boolean> {
  return (await carryOut(step)).length > 0
}

/** Runs a step unless nothing is to do; tells what it changed, in sentences. */
export async function carryOut(step: Step): Promise<string[]> {
  const changes = await step.changes()
  if (changes.length > 0) await inContext({ title: step.title, changes }, () => step.run())
  return changes.map(String)
}
