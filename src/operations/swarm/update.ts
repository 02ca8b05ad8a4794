import { usageError } from '../../errors.ts'
import type { SwarmSpec } from '../../remote/swarm-settings.ts'
import { carryOut } from '../../steps/step.ts'
import { updateSwarm } from '../../steps/update-swarm.ts'
import type { Fleet } from '../fleet.ts'
import { findManager } from './find-manager.ts'
import { type KeepKey, readUnlockKey } from './unlock-key.ts'

/** The engine refuses a shorter lifetime. At the creation of a swarm, it would leave the swarm unfinished. */
const LEAST_EXPIRY_MS = 3_600_000

/**
 * Changes settings of the swarm.
 * @param keepKey called with the unlock key if autolock is requested; the key goes nowhere else
 * @returns a sentence for each change
 */
export async function changeSettings(
  fleet: Fleet,
  wanted: Partial<SwarmSpec>,
  keepKey?: KeepKey,
): Promise<string[]> {
  if (wanted.certificateExpiryMs !== undefined && wanted.certificateExpiryMs < LEAST_EXPIRY_MS) {
    throw usageError('bad-expiry', 'certificates must be valid for at least an hour', {
      hint: 'such as --cert-expiry 2160h',
    })
  }
  const { host } = await findManager(fleet, await fleet.machines.list(fleet.signal))
  const changes = await carryOut(updateSwarm(host, wanted, fleet.signal))
  if (wanted.autolock) await keepKey?.(await readUnlockKey(host, fleet.signal))
  return changes
}
