import type { Fleet } from '../fleet.ts'
import { planUpgrade, type UpgradePlan, type UpgradeRequest } from './plan.ts'
import { beginUpgrade, type UpgradeResult, type UpgradeRunOptions } from './run.ts'

/**
 * Plans an upgrade of managers or workers, and runs it.
 * @param onPlan is given the plan before anything is changed
 * @throws as `planUpgrade` and `beginUpgrade`
 */
export async function upgradeNodes(
  fleet: Fleet,
  request: UpgradeRequest,
  { onPlan, ...options }: UpgradeRunOptions & { readonly onPlan: (plan: UpgradePlan) => void },
): Promise<{ plan: UpgradePlan; result: UpgradeResult }> {
  const plan = await planUpgrade(fleet, request)
  onPlan(plan)
  return { plan, result: await beginUpgrade(fleet, plan, options) }
}
