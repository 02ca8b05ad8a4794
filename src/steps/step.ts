/**
 * One verb on one host or swarm. Safe to run again: `changes` tells what is still to do, in sentences, and is the one
 * answer to idempotence, skipping and dry run, so that they cannot disagree.
 */
export interface Step {
  readonly title: string
  /** What `run` would change now; empty when nothing is to do. @throws when the state cannot be read or forbids it */
  changes(): Promise<string[]>
  /** Makes the change and waits until it has taken effect. @throws when it has not by its deadline */
  run(): Promise<void>
}

/** Runs a step unless nothing is to do; tells whether it ran. */
export async function perform(step: Step): Promise<boolean> {
  const changes = await step.changes()
  if (changes.length === 0) return false
  await step.run()
  return true
}
