import { setTimeout as sleep } from 'node:timers/promises'
import type { Baseline } from '../domain/swarm/baseline.ts'
import { healthProblems } from '../domain/swarm/health.ts'
import { BeltError, reasonOf } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { readWorkload } from '../queries/read-workload.ts'
import { retry } from '../retry.ts'

const POLL_MS = 1000
/** A flapping node looks healthy for a moment, so the swarm must be healthy for this many reads in a row. */
const HEALTHY_READS = 3

/**
 * Waits until a swarm is as healthy as it was before, for several reads in a row.
 * @param findManager finds a manager to ask, anew each time: the one that was asked before may have been stopped
 * @throws `not-healthy` with what is wrong, if the deadline passes first
 */
export async function awaitHealthy(
  findManager: () => Promise<Host>,
  before: Baseline,
  options: { deadlineMs: number; signal?: AbortSignal | undefined; onWait?: (what: string) => void },
): Promise<void> {
  const { signal, onWait, deadlineMs } = options
  const expectHealthy = async () => {
    const wrong = healthProblems(before, await readWorkload(await findManager(), signal))
    if (wrong.length > 0) throw notHealthy(wrong)
  }
  const expectStable = async () => {
    await expectHealthy()
    for (let read = 1; read < HEALTHY_READS; read++) {
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
  return new BeltError('not-healthy', `the swarm is not healthy: ${wrong.join('; ')}`, {
    hint: 'belt swarm status shows what is wrong and how to fix it',
    details: { wrong },
  })
}
