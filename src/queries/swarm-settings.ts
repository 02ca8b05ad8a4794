import { READ_TIMEOUT_MS, readEngine, understood } from '../hosts/engine-client.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { membershipRequest } from '../remote/swarm.ts'
import {
  parseSettings,
  parseSwarmFacts,
  type SwarmFacts,
  type SwarmSpec,
  settingsCommand,
} from '../remote/swarm-settings.ts'

/** Reads the settings of a running swarm. @throws when they cannot be read */
export async function readSettings(manager: Host, signal?: AbortSignal): Promise<SwarmSpec> {
  const { stdout } = await runChecked(manager, settingsCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
  return understood(manager, () => parseSettings(stdout))
}

/** Reads from a manager what its swarm was made with. @throws when it cannot be read */
export function readSwarmFacts(manager: Host, signal?: AbortSignal): Promise<SwarmFacts> {
  return readEngine(manager, membershipRequest, parseSwarmFacts, { signal })
}
