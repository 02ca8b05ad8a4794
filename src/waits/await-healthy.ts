import { systemClock } from '../clock.ts'
import type { Baseline } from '../domain/swarm/baseline.ts'
import { healthProblems } from '../domain/swarm/health.ts'
import { BeltError, reasonOf } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { readWorkload } from '../queries/read-workload.ts'
import { retry, type WaitOptions } from '../retry.ts'

const POLL_MS = 1000
/** A flapping node looks healthy for a moment, so the swarm must be healthy for this many reads in a row. */
const HEALTHY_READS = 3

/**
 * Waits until a swarm is as healthy as it was before, for several reads in a row.
 * @param findManager finds a manager to ask, for each read: the previous one may have been stopped
 * @throws `not-healthy` with the problems, if the deadline passes first
 */
export async function awaitHealthy(
  findManager: () => Promise<Host>,
  before: Baseline,
  options: WaitOptions & { deadlineMs: number; onWait?: (what: string) => void },
): Promise<void> {
  const { signal, clock = systemClock, onWait, deadlineMs } = options
  const expectHealthy = async () => {
    const wrong = healthProblems(before, await readWorkload(await findManager(), signal))
    if (wrong.length > 0) throw notHealthy(wrong)
  }
  const expectStable = async () => {
    await expectHealthy()
    for (let read = 1; read < HEALTHY_READS; read++) {
      await clock.sleep(POLL_MS, signal)
      await expectHealthy()
    }
  }
  await retry(expectStable, {
    deadlineMs,
    everyMs: POLL_MS,
    signal,
    clock,
    onRetry: error => onWait?.(reasonOf(error)),
  })
}

function notHealthy(wrong: readonly string[]): BeltError {
  return new BeltError('not-healthy', `the swarm is not healthy: ${wrong.join('; ')}`, {
    hint: 'belt swarm status shows what is wrong and how to fix it',
    details: { wrong },
  })
}
