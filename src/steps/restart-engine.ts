import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { restartEngineCommand } from '../remote/engine-service.ts'
import { awaitBack, type BackOptions } from '../waits/await-back.ts'
import type { Step } from './step.ts'

/** The service waits until the engine has stopped its containers (default: 10 s for each). */
const RESTART_TIMEOUT_MS = 180_000
const GATE_TIMEOUT_MS = 120_000

/**
 * Restarts the engine of a host, and waits until both the host and the managers report the node as back. There is always
 * something to do: nothing on a host tells whether its engine was restarted for this.
 * @param findManager finds another manager to ask, for each check; undefined for a host in no swarm
 */
export function restartEngine(
  host: Host,
  findManager: (() => Promise<Host>) | undefined,
  options: Partial<BackOptions> = {},
): Step {
  const { signal } = options
  return {
    title: `Restart the engine of ${host.name}`,

    async changes() {
      return [`the engine of ${host.name} is restarted`]
    },

    async run() {
      await runChecked(host, restartEngineCommand, { timeoutMs: RESTART_TIMEOUT_MS, signal })
      await awaitBack(host, findManager, { deadlineMs: GATE_TIMEOUT_MS, ...options })
    },
  }
}
