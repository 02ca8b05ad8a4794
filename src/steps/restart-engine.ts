import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { inContext } from '../record.ts'
import { restartEngineCommand } from '../remote/engine-service.ts'
import { awaitBack, type BackOptions } from '../waits/await-back.ts'

/** The service waits for the engine to stop its containers, each 10 s at most unless told otherwise. */
const RESTART_TIMEOUT_MS = 180_000
const GATE_TIMEOUT_MS = 120_000

/**
 * Restarts the engine of a host, and waits until it and the swarm say that the node is back.
 * @param findManager finds another manager to ask for the node, anew each time; undefined for a host outside any swarm
 */
export async function restartEngine(
  host: Host,
  findManager: (() => Promise<Host>) | undefined,
  options: Partial<BackOptions> = {},
): Promise<void> {
  const { signal } = options
  await inContext({ title: `Restart the engine of ${host.name}` }, () =>
    runChecked(host, restartEngineCommand, { timeoutMs: RESTART_TIMEOUT_MS, signal }),
  )
  await awaitBack(host, findManager, { deadlineMs: GATE_TIMEOUT_MS, ...options })
}
