import { BeltError, usageError } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import { readSettings } from '../../queries/swarm-settings.ts'
import { parseUnlockKey, type SwarmSpec, unlockKeyCommand } from '../../remote/swarm-settings.ts'
import { carryOut } from '../../steps/step.ts'
import { updateSwarm } from '../../steps/update-swarm.ts'
import type { Fleet } from '../fleet.ts'
import { findManager } from './find-manager.ts'

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
  keepKey: (key: string) => Promise<void>,
): Promise<string[]> {
  if (wanted.certificateExpiryMs !== undefined && wanted.certificateExpiryMs < LEAST_EXPIRY_MS) {
    throw usageError('bad-expiry', 'certificates must be valid for at least an hour', {
      hint: 'such as --cert-expiry 2160h',
    })
  }
  const { host } = await findManager(fleet, await fleet.machines.list(fleet.signal))
  const changes = await carryOut(updateSwarm(host, wanted, fleet.signal))
  if (wanted.autolock) await keepKey(await readUnlockKey(host, fleet.signal))
  return changes
}

/** Reads the unlock key, a secret. Undefined if the swarm has no autolock. */
export async function unlockKeyOf(manager: Host, signal: AbortSignal): Promise<string | undefined> {
  const { autolock } = await readSettings(manager, signal)
  return autolock ? readUnlockKey(manager, signal) : undefined
}

/** Reads the unlock key of a swarm with autolock: a secret. */
export async function readUnlockKey(host: Host, signal: AbortSignal): Promise<string> {
  const { stdout } = await runChecked(host, unlockKeyCommand, { signal })
  const key = parseUnlockKey(stdout)
  if (key !== undefined) return key
  throw new BeltError('no-unlock-key', `${host.name} returned no unlock key, though autolock is on`, {
    host: host.name,
    hint: 'belt docker swarm unlock-key shows it; without it no manager starts again',
  })
}
