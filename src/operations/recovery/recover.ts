import type { Fleet } from '../fleet.ts'
import { finishRecovery, type Recovered } from './finish.ts'
import { forceCluster } from './force.ts'
import { type FinishPlan, type ForcePlan, planRecovery, type RecoveryRequest } from './plan.ts'

/**
 * Recovers a swarm that has lost its quorum, or finishes a recovery that was interrupted.
 * @param confirm called with the plan before anything is changed; throws to cancel
 * @throws as `planRecovery`, `forceCluster` and `finishRecovery`
 */
export async function recoverSwarm(
  fleet: Fleet,
  request: RecoveryRequest,
  confirm: (plan: ForcePlan | FinishPlan) => Promise<void>,
): Promise<{ plan: ForcePlan | FinishPlan; recovered: Recovered }> {
  const plan = await planRecovery(fleet, request)
  await confirm(plan)
  const forced = plan.kind === 'force'
  const manager = forced ? await forceCluster(fleet, plan) : plan.manager
  const { assumeLost } = request
  return { plan, recovered: await finishRecovery(fleet, manager, { assumeLost, forced }) }
}
