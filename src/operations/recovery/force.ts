import { precheckError } from '../../errors.ts'
import { forceNewCluster } from '../../steps/force-new-cluster.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import { withFolderLock } from '../lock.ts'
import { findManager, type Manager } from '../swarm/find-manager.ts'
import { unfinished } from './finish.ts'
import { type ForcePlan, planRecovery } from './plan.ts'

/**
 * Makes a new cluster of the manager that was chosen, and makes it the active host. Everything is asked again before
 * it, because a person may have thought about the plan for a while.
 * @throws a precheck error when the managers have changed meanwhile; `recovery-unfinished` when the new cluster was made,
 *   and does not answer
 */
export function forceCluster(fleet: Fleet, plan: ForcePlan): Promise<Manager> {
  const { chosen, clusterId } = plan
  return withFolderLock(fleet, 'belt swarm recover', async locked => {
    await assertUnchanged(locked, plan)
    const task = locked.progress.start(`Creating a new cluster from ${chosen.name}`)
    try {
      const step = forceNewCluster(
        locked.host(chosen.machine),
        { address: chosen.address, clusterId },
        locked,
      )
      await perform(step)
      task.done()
    } catch (error) {
      task.fail('the swarm takes no decisions yet')
      throw error
    }
    await locked.activeHost.set(chosen.name)
    return findManager(locked, [chosen.machine]).catch(error => {
      locked.signal.throwIfAborted()
      throw unfinished(chosen.name, error)
    })
  })
}

async function assertUnchanged(fleet: Fleet, plan: ForcePlan): Promise<void> {
  const assumeLost = plan.lost.filter(({ claimed }) => claimed).map(({ nodeId }) => nodeId)
  const now = await planRecovery(fleet, { name: plan.chosen.name, assumeLost })
  const survivors = (known: ForcePlan) =>
    known.survivors
      .map(({ nodeId }) => nodeId)
      .sort()
      .join()
  if (now.kind === 'force' && survivors(now) === survivors(plan)) return
  throw precheckError(
    'changed-meanwhile',
    `the managers of ${fleet.cluster} have changed since the plan was made`,
    {
      hint: 'belt swarm recover --dry-run shows a new plan',
    },
  )
}
