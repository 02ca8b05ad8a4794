import { foldShort } from '../../domain/ranges.ts'
import { precheckError } from '../../errors.ts'
import type { Fleet } from '../fleet.ts'
import { awaitListed } from './unfinished.ts'

/**
 * Checks that no machine of the cluster exists any more, and removes what its machines shared. Hosts that the driver
 * only lists count as none: nothing is left of them without the config.
 * @throws a precheck error with the command that destroys the machines
 */
export async function assertNoneLeft(fleet: Fleet): Promise<void> {
  if (fleet.driver.destroyVerb !== 'destroy') return
  const open = (await fleet.creates.read()).flatMap(create => create.open)
  await awaitListed(fleet, open)
  const machines = await fleet.driver.list({ signal: fleet.signal })
  if (machines.length > 0) {
    throw precheckError(
      'machines-exist',
      `${fleet.cluster} still has ${machines.length === 1 ? 'a machine' : `${machines.length} machines`}: ${foldShort(machines.map(({ name }) => name))}`,
      { hint: `destroy them first: belt --cluster ${fleet.cluster} rm @all` },
    )
  }
  await fleet.driver.destroy([], { signal: fleet.signal, progress: fleet.progress })
}
