import { READ_TIMEOUT_MS, understood } from '../hosts/engine-client.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { parseSettings, type SwarmSpec, settingsCommand } from '../remote/swarm-settings.ts'

/** Reads the settings of a running swarm. @throws when they cannot be read */
export async function readSettings(manager: Host, signal?: AbortSignal): Promise<SwarmSpec> {
  const { stdout } = await runChecked(manager, settingsCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
  return understood(manager, () => parseSettings(stdout))
}
