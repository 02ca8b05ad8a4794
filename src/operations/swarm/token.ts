import { understood } from '../../hosts/engine-client.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import { inContext } from '../../record.ts'
import { joinTokenCommand, parseJoinToken } from '../../remote/swarm.ts'
import type { Fleet } from '../fleet.ts'
import { findManager } from './find-manager.ts'

/**
 * The join token, a secret, for the command that shows it.
 * @param rotate replaces the token; the old one becomes invalid at once, and members stay
 */
export async function joinToken(fleet: Fleet, role: 'worker' | 'manager', rotate: boolean): Promise<string> {
  const machines = await fleet.machines.list(fleet.signal)
  const { host } = await findManager(fleet, machines)
  const { stdout } = await inContext({ title: `Make a new join token for ${role}s` }, () =>
    runChecked(host, joinTokenCommand(role, rotate), { signal: fleet.signal }),
  )
  return understood(host, () => parseJoinToken(stdout))
}
