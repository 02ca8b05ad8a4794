import type { Machine } from '../../drivers/driver.ts'
import { usageError } from '../../errors.ts'
import type { Fleet } from '../fleet.ts'

/**
 * The machine for commands that name none.
 * @throws a usage error if there is no active host, or it no longer exists
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
