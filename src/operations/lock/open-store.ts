import { BeltError } from '../../errors.ts'
import { silentProgress } from '../../progress.ts'
import type { Fleet } from '../fleet.ts'
import { findManager, findManagerSoon } from '../swarm/find-manager.ts'
import { localLock } from './local-store.ts'
import type { LockStore } from './store.ts'
import { swarmLock } from './swarm-store.ts'

/**
 * Where the lock of a cluster is: in its swarm, or in a file as long as there is none.
 * @param swarmLost whether the user says that the swarm is lost, so that it is not looked for long
 * @throws when there may be a swarm and no manager of it takes decisions
 */
export async function openLockStore(
  fleet: Fleet,
  { swarmLost = false }: { readonly swarmLost?: boolean } = {},
): Promise<LockStore> {
  const machines = await fleet.machines.list(fleet.signal)
  if (machines.length === 0) return localLock(fleet.lock.file)
  try {
    const { host } = await (swarmLost ? findManagerSoon : findManager)(fleet, machines)
    return swarmLock(host, () => anotherManager(fleet))
  } catch (error) {
    if (error instanceof BeltError && error.code === 'no-swarm') return localLock(fleet.lock.file)
    throw error
  }
}

/** A lock is released after an interruption too, and renewed in silence. */
async function anotherManager(fleet: Fleet) {
  const quiet = { ...fleet, progress: silentProgress, signal: new AbortController().signal }
  return (await findManager(quiet, await quiet.driver.list())).host
}
