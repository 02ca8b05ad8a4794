import { Flags } from '@oclif/core'
import { leaveFlags, maxUnavailableFlag, outageFlags } from '../../cli/flags/upgrade-flags.ts'
import { UpgradeCommand } from '../../cli/upgrade-command.ts'
import type { Fleet } from '../../operations/fleet.ts'
import { readUpgrade } from '../../operations/upgrade/records.ts'
import { abortUpgrade, resumeUpgrade } from '../../operations/upgrade/resume.ts'
import {
  type AbortReport,
  abortAsJson,
  describeUnfinishedUpgrade,
  type ResultReport,
  restoredLines,
  resultAsJson,
  type UnfinishedReport,
  unfinishedAsJson,
} from '../../ui/upgrade.ts'

export default class UpgradeCommandIndex extends UpgradeCommand {
  static override summary = 'Show, resume or abort an unfinished upgrade'
  static override description =
    `The swarm stores an upgrade until it is finished: what to do, which nodes are waiting, and the role and availability that each node had. After a failure or an interruption, --resume continues the upgrade, from any machine and working copy. --abort restores the nodes that are out and leaves the others alone; it does not undo changes to a machine.`
  static override usage = 'upgrade [--resume | --abort]'
  static override examples = [
    '<%= config.bin %> upgrade',
    '<%= config.bin %> upgrade --resume',
    '<%= config.bin %> upgrade --abort',
  ]
  static override flags = {
    resume: Flags.boolean({ exclusive: ['abort'], summary: 'resume the upgrade' }),
    abort: Flags.boolean({ summary: 'abort the upgrade' }),
    ...leaveFlags,
    ...outageFlags,
    'max-unavailable': maxUnavailableFlag({
      dependsOn: ['resume'],
      summary: 'from now on, allow this many of all workers to be unavailable at once',
    }),
  }

  override async run(): Promise<ResultReport | AbortReport | UnfinishedReport[]> {
    const { flags } = await this.parse(UpgradeCommandIndex)
    if (flags.resume) {
      const maxUnavailable = flags['max-unavailable']
      const change = {
        ...(maxUnavailable !== undefined && { maxUnavailable }),
        ...(flags['allow-downtime'] && { allowDowntime: true }),
        ...(flags['allow-outage'] && { allowOutage: true }),
      }
      const resume = (fleet: Fleet) => resumeUpgrade(fleet, change, this.runOptions(flags))
      const result = await this.withFleet(flags, resume)
      this.reportResult(result)
      return resultAsJson(result)
    }
    if (flags.abort) {
      const answers = await this.withFleet(flags, fleet => abortUpgrade(fleet, this.runOptions(flags)))
      this.print(restoredLines(answers))
      this.reportAnswers(answers)
      return abortAsJson(answers)
    }
    const { targets } = await this.withFleet(flags, readUpgrade, { lock: 'none' })
    this.print(describeUnfinishedUpgrade(targets))
    return unfinishedAsJson(targets)
  }
}
