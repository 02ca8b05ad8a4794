import { outageFlags, UpgradeCommand, type UpgradeReport, upgradeFlags } from '../../cli/upgrade-command.ts'

export default class UpgradeManagers extends UpgradeCommand {
  static override summary = 'Upgrade managers one by one, without losing the quorum'
  static override description =
    `Followers first and the leader last, each drained, taken out, upgraded, and brought back as the manager with the availability that it was, before the next. With --size each is demoted meanwhile, with the others only the leader. The quorum is asked before each step, and after each node all managers must answer and the services run as before for several reads. What is as wanted already is not touched.

The swarm keeps what each node was, in labels: an upgrade that was interrupted is seen (belt upgrade), resumed and given up from anywhere. The first failure ends it. Without NODES: all managers.`
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
