import { outageFlags, upgradeFlags } from '../../cli/flags/upgrade-flags.ts'
import { UpgradeCommand } from '../../cli/upgrade-command.ts'
import type { UpgradeReport } from '../../ui/upgrade.ts'

export default class UpgradeManagers extends UpgradeCommand {
  static override summary = 'Upgrade managers one at a time without losing the quorum'
  static override description =
    `Upgrades followers first and the leader last. Each manager is drained, taken out, upgraded and restored with its role and availability before the next one starts. --size demotes every manager while its machine is resized; other upgrades demote only the leader, or either of two managers. Belt checks the quorum before each step. After each node, all managers must answer and all services must run as before, for several reads in a row. Nodes already in the desired state are skipped.

Node labels store what each node was, so an interrupted upgrade can be shown (belt upgrade), resumed or aborted from anywhere. If a manager fails, the upgrade stops. Without NODES, it upgrades all managers.`
  static override usage = [
    "upgrade managers [NODES...] (--size 16gb | --engine VERSION | --reboot | --command 'LINE')",
  ]
  static override examples = [
    '<%= config.bin %> upgrade managers --size 16gb',
    '<%= config.bin %> upgrade managers --engine 28.5.2 --dry-run',
    "<%= config.bin %> upgrade managers mg1 --command 'apt-get -y dist-upgrade'",
  ]
  static override strict = false
  static override flags = {
    ...upgradeFlags,
    ...outageFlags,
  }

  override async run(): Promise<UpgradeReport> {
    const { argv, flags } = await this.parse(UpgradeManagers)
    return this.upgrade('manager', argv, flags)
  }
}
