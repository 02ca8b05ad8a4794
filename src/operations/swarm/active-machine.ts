import type { Machine } from '../../drivers/driver.ts'
import { usageError } from '../../errors.ts'
import type { Fleet } from '../fleet.ts'

/**
 * The machine that commands go to when none is named.
 * @throws a usage error when no host is active, or the active one no longer exists
 */
export async function activeMachine(fleet: Fleet, machines: readonly Machine[]): Promise<Machine> {
  const name = await fleet.activeHost.get()
  const hint = 'choose one with: belt active NAME, or name one with: belt --host NAME …'
  if (name === undefined) throw usageError('no-active-host', `${fleet.cluster} has no active host`, { hint })
  const machine = machines.find(candidate => candidate.name === name)
  if (!machine) {
    throw usageError(
      'no-such-machine',
      `the active host ${name} is not among the machines of ${fleet.cluster}`,
      {
        hint,
      },
    )
  }
  return machine
}
