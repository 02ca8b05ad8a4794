import { BeltError } from '../../errors.ts'
import { OUTCOME_UNKNOWN } from '../driver.ts'
import { hasEnded, listInstances } from './instances.ts'
import type { Launched } from './launch.ts'
import type { InstanceSite } from './site.ts'
import { nameOf } from './tags.ts'

/** How long a new instance usually takes to be listed. */
const LISTED_AFTER_MS = 20_000
const LOOK_AGAIN_MS = 3_000

/**
 * Looks for instances whose launch was not answered; they may exist anyway.
 * @returns the results, updated with the instances that were found; the others stay unknown
 */
export async function findLost(
  { ec2, cluster }: InstanceSite,
  launched: Launched,
  signal: AbortSignal | undefined,
): Promise<Launched> {
  const results = new Map(launched)
  const start = ec2.clock.now()
  for (;;) {
    const lost = new Set([...results.keys()].filter(name => isUnknown(results.get(name))))
    if (lost.size === 0 || signal?.aborted || ec2.clock.now() - start > LISTED_AFTER_MS) return results
    for (const instance of await listInstances(ec2, cluster, signal).catch(() => []))
      if (lost.has(nameOf(instance)) && !hasEnded(instance)) results.set(nameOf(instance), instance)
    await ec2.clock.sleep(LOOK_AGAIN_MS, signal).catch(() => {})
  }
}

function isUnknown(result: unknown): boolean {
  return result instanceof BeltError && result.code === OUTCOME_UNKNOWN
}
