import { BeltError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { readSettings } from '../queries/swarm-settings.ts'
import { Change } from '../record.ts'
import { type SwarmSpec, updateCommand } from '../remote/swarm-settings.ts'
import type { Step } from './step.ts'

const REQUEST_TIMEOUT_MS = 30_000

/** Changes settings of a running swarm; settings that are not given stay. */
export function updateSwarm(manager: Host, wanted: Partial<SwarmSpec>, signal?: AbortSignal): Step {
  const changes = async () => differences(await readSettings(manager, signal), wanted)
  return {
    title: 'Update the swarm',
    changes,

    async run() {
      await runChecked(manager, updateCommand(wanted), { timeoutMs: REQUEST_TIMEOUT_MS, signal })
      const missing = await changes()
      if (missing.length === 0) return
      throw new BeltError('not-updated', `the settings of the swarm did not change: ${missing.join(', ')}`, {
        host: manager.name,
        hint: 'someone else may be changing them; try again',
      })
    },
  }
}

function differences(current: SwarmSpec, wanted: Partial<SwarmSpec>): Change[] {
  const { certificateExpiryMs, autolock } = { ...current, ...wanted }
  return [
    ...(certificateExpiryMs === current.certificateExpiryMs
      ? []
      : [expiryChange(current.certificateExpiryMs, certificateExpiryMs)]),
    ...(autolock === current.autolock ? [] : [autolockChange(autolock)]),
  ]
}

function expiryChange(beforeMs: number, afterMs: number): Change {
  const [before, after] = [hours(beforeMs), hours(afterMs)]
  return new Change(
    `certificates last ${after}, not ${before}`,
    `certificates: ${before}`,
    `certificates: ${after}`,
  )
}

function autolockChange(on: boolean): Change {
  const [before, after] = on ? ['off', 'on'] : ['on', 'off']
  return new Change(`autolock is turned ${after}`, `autolock: ${before}`, `autolock: ${after}`)
}

function hours(milliseconds: number): string {
  return `${milliseconds / 3_600_000} h`
}
