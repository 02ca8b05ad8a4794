import { Flags } from '@oclif/core'
import { UpgradeCommand, type UpgradeReport, upgradeFlags } from '../../cli/upgrade-command.ts'

export default class UpgradeWorkers extends UpgradeCommand {
  static override summary = 'Upgrade workers in waves, without losing their services'
  static override description =
    `As many at once as --max-unavailable allows and as leave room for their services elsewhere: all of a wave are drained first, then upgraded at the same time, and get back the availability that each had. After each wave the services must run as before for several reads. What is as wanted already is not touched.

The swarm keeps what each node was, in labels: an upgrade that was interrupted is seen (belt upgrade), resumed and given up from anywhere. A wave in which a node fails is the last. Without NODES: all workers.`
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
    'max-unavailable': Flags.string({
      default: '10%',
      helpValue: '10%',
      summary:
        'how many of all workers may be out at once, those included that are down, drained or paused already; a share is at least one',
    }),
  }

  override async run(): Promise<UpgradeReport> {
    const { argv, flags } = await this.parse(UpgradeWorkers)
    return this.upgrade('worker', argv, flags)
  }
}
