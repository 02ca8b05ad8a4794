import { setTimeout as sleep } from 'node:timers/promises'
import type { Baseline } from '../domain/health-baseline.ts'
import { healthProblems } from '../domain/swarm-health.ts'
import type { SwarmSight } from '../domain/swarm-sight.ts'
import { BeltError, reasonOf } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { readNodes } from '../queries/nodes.ts'
import { readServices, readTasks } from '../queries/services.ts'
import { retry } from '../retry.ts'

const POLL_MS = 1000
/** A node that flaps is seen as well for a moment: only what stays so for this many reads counts. */
const GOOD_READS = 3

/** Looks at a swarm: its nodes, its services, and the tasks that are meant to run. */
export async function sightOf(manager: Host, signal?: AbortSignal): Promise<SwarmSight> {
  const [nodes, services, tasks] = await Promise.all([
    readNodes(manager, signal),
    readServices(manager, signal),
    readTasks(manager, { wanted: true }, signal),
  ])
  return { nodes, services, tasks }
}

/**
 * Waits until a swarm is as well as it was, and stays so for several reads.
 * @param findManager finds a manager to ask, anew each time: the one that was asked before may have been stopped
 * @throws `not-healthy` with what is wrong, when that has not come by the deadline
 */
export async function awaitHealthy(
  findManager: () => Promise<Host>,
  before: Baseline,
  options: { deadlineMs: number; signal?: AbortSignal | undefined; onWait?: (what: string) => void },
): Promise<void> {
  const { signal, onWait, deadlineMs } = options
  const expectHealthy = async () => {
    const wrong = healthProblems(before, await sightOf(await findManager(), signal))
    if (wrong.length > 0) throw notHealthy(wrong)
  }
  const expectStable = async () => {
    await expectHealthy()
    for (let read = 1; read < GOOD_READS; read++) {
      await sleep(POLL_MS, undefined, { signal })
      await expectHealthy()
    }
  }
  await retry(expectStable, {
    deadlineMs,
    everyMs: POLL_MS,
    signal,
    onRetry: error => onWait?.(reasonOf(error)),
  })
}

function notHealthy(wrong: readonly string[]): BeltError {
  return new BeltError('not-healthy', `the swarm is not well: ${wrong.join('; ')}`, {
    hint: 'belt swarm status shows what is wrong, and what mends it',
    details: { wrong },
  })
}
