import { BeltError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { parseSettings, type SwarmSpec, settingsCommand, updateCommand } from '../remote/swarm-settings.ts'
import { understood } from './read-swarm.ts'
import type { Step } from './step.ts'

const REQUEST_TIMEOUT_MS = 30_000

/** Changes settings of a running swarm; those that are not named stay. */
export function updateSwarm(manager: Host, wanted: Partial<SwarmSpec>, signal?: AbortSignal): Step {
  const changes = async () => differences(await readSettings(manager, signal), wanted)
  return {
    title: 'Update the swarm',
    changes,

    async run() {
      await runChecked(manager, updateCommand(wanted), { timeoutMs: REQUEST_TIMEOUT_MS, signal })
      const missing = await changes()
      if (missing.length === 0) return
      throw new BeltError('not-updated', `the swarm has not changed: ${missing.join(', ')}`, {
        host: manager.name,
        hint: 'somebody else may be changing it; try again',
      })
    },
  }
}

async function readSettings(manager: Host, signal?: AbortSignal): Promise<SwarmSpec> {
  const { stdout } = await runChecked(manager, settingsCommand, { timeoutMs: REQUEST_TIMEOUT_MS, signal })
  return understood(manager, () => parseSettings(stdout))
}

function differences(current: SwarmSpec, wanted: Partial<SwarmSpec>): string[] {
  const { certificateExpiryMs, autolock } = { ...current, ...wanted }
  return [
    ...(certificateExpiryMs === current.certificateExpiryMs
      ? []
      : [`certificates last ${hours(certificateExpiryMs)}, not ${hours(current.certificateExpiryMs)}`]),
    ...(autolock === current.autolock ? [] : [`autolock is turned ${autolock ? 'on' : 'off'}`]),
  ]
}

function hours(milliseconds: number): string {
  return `${milliseconds / 3_600_000} h`
}
