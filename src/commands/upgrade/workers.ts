import { maxUnavailableFlag, upgradeFlags } from '../../cli/flags/upgrade-flags.ts'
import { UpgradeCommand } from '../../cli/upgrade-command.ts'
import type { UpgradeReport } from '../../ui/upgrade.ts'

export default class UpgradeWorkers extends UpgradeCommand {
  static override summary = 'Upgrade workers in waves without losing their services'
  static override description =
    `Upgrades workers in waves, each as large as --max-unavailable allows and as long as the services find room on other nodes. Belt drains all workers of a wave, upgrades them at the same time, and restores the availability of each. After each wave, all services must run as before for several reads in a row. Nodes already in the desired state are skipped.

Node labels store what each node was, so an interrupted upgrade can be shown (belt upgrade), resumed or aborted from anywhere. If a node in a wave fails, no further wave starts. Without NODES, it upgrades all workers.`
  static override usage = [
    "upgrade workers [NODES...] (--size 16gb | --engine VERSION | --reboot | --command 'LINE')",
  ]
  static override examples = [
    '<%= config.bin %> upgrade workers --engine 28.5.2 --max-unavailable 20%',
    "<%= config.bin %> upgrade workers 'node[1:4]' --reboot",
  ]
  static override strict = false
  static override flags = {
    ...upgradeFlags,
    'max-unavailable': maxUnavailableFlag({
      default: '10%',
      summary:
        'how many of all workers may be unavailable at once, including those that are already down, drained or paused; a share is rounded down, to at least one',
    }),
  }

  override async run(): Promise<UpgradeReport> {
    const { argv, flags } = await this.parse(UpgradeWorkers)
    return this.upgrade('worker', argv, flags)
  }
}
