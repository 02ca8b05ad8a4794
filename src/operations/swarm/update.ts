import { BeltError, usageError } from '../../errors.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import { parseUnlockKey, type SwarmSpec, unlockKeyCommand } from '../../remote/swarm-settings.ts'
import { updateSwarm } from '../../steps/update-swarm.ts'
import type { Fleet } from '../fleet.ts'
import { findManager } from './manager.ts'

/** The engine takes no shorter one, and leaves a half-made swarm where it is asked for one at the start. */
const LEAST_EXPIRY_MS = 3_600_000

/**
 * Changes settings of the swarm.
 * @param keepKey is handed the unlock key when autolock is wanted, to keep it where it is asked for and nowhere else
 * @returns what was changed, in sentences
 */
export async function changeSettings(
  fleet: Fleet,
  wanted: Partial<SwarmSpec>,
  keepKey: (key: string) => Promise<void>,
): Promise<string[]> {
  if (wanted.certificateExpiryMs !== undefined && wanted.certificateExpiryMs < LEAST_EXPIRY_MS) {
    throw usageError('bad-expiry', 'certificates last an hour at least', {
      hint: 'such as --cert-expiry 2160h',
    })
  }
  const { host } = await findManager(fleet, await fleet.driver.list({ signal: fleet.signal }))
  const step = updateSwarm(host, wanted, fleet.signal)
  const changes = await step.changes()
  if (changes.length > 0) await step.run()
  if (wanted.autolock) await keepKey(await readUnlockKey(host, fleet.signal))
  return changes
}

async function readUnlockKey(host: Parameters<typeof runChecked>[0], signal: AbortSignal): Promise<string> {
  const { stdout } = await runChecked(host, unlockKeyCommand, { signal })
  const key = parseUnlockKey(stdout)
  if (key !== undefined) return key
  throw new BeltError('no-unlock-key', `${host.name} gives no unlock key, though autolock is on`, {
    host: host.name,
    hint: 'belt docker swarm unlock-key shows it; without it no manager starts again',
  })
}
