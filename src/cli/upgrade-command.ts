import { planUpgrade } from '../operations/upgrade/plan.ts'
import type { UpgradeResult, UpgradeRunOptions } from '../operations/upgrade/run.ts'
import { upgradeNodes } from '../operations/upgrade/upgrade.ts'
import type { Node } from '../remote/nodes.ts'
import { describePlan, type UpgradeReport, upgradeAsJson, upgradedLine } from '../ui/upgrade.ts'
import { BeltCommand } from './base-command.ts'
import type { GlobalFlags } from './flags/global-flags.ts'
import { type UpgradeFlags, upgradeOf } from './flags/upgrade-flags.ts'

/** The base of the commands that upgrade managers and workers. */
export abstract class UpgradeCommand extends BeltCommand {
  static override readonly lock = 'swarm'

  protected async upgrade(
    role: Node['role'],
    words: readonly unknown[],
    flags: UpgradeFlags,
  ): Promise<UpgradeReport> {
    const request = {
      role,
      words: words as string[],
      upgrade: upgradeOf(flags),
      options: {
        maxUnavailable: flags['max-unavailable'],
        allowOutage: flags['allow-outage'] ?? false,
        allowDowntime: flags['allow-downtime'],
      },
      anyVersion: flags['any-version'],
    }
    if (flags['dry-run']) {
      const plan = await this.withFleet(flags, fleet => planUpgrade(fleet, request), { lock: 'none' })
      this.print(describePlan(plan))
      return upgradeAsJson(plan)
    }
    const { plan, result } = await this.withFleet(flags, fleet =>
      upgradeNodes(fleet, request, {
        ...this.runOptions(flags),
        onPlan: plan => fleet.progress.note(describePlan(plan).trimEnd()),
      }),
    )
    this.reportResult(result)
    return upgradeAsJson(plan, result)
  }

  protected runOptions({ timeout }: GlobalFlags): UpgradeRunOptions {
    return { timeoutMs: timeout, onUpgraded: name => this.print(upgradedLine(name)) }
  }

  /** Shows the failures of a run and sets the exit code. */
  protected reportResult({ upgraded, failures }: UpgradeResult): void {
    const failed = failures.map(({ host, error }) => ({ name: host, error }))
    this.reportFailures(failed, upgraded.length + failed.length)
  }
}
