import { Flags } from '@oclif/core'
import { leaveFlags, outageFlags } from '../../cli/flags/upgrade-flags.ts'
import { UpgradeCommand } from '../../cli/upgrade-command.ts'
import { parseMaxUnavailable } from '../../domain/upgrade/waves.ts'
import { readUpgrade } from '../../operations/upgrade/records.ts'
import { abortUpgrade, resumeUpgrade } from '../../operations/upgrade/resume.ts'
import {
  describeUnfinishedUpgrade,
  type ResultReport,
  restoredLines,
  resultAsJson,
  type UnfinishedReport,
  unfinishedAsJson,
} from '../../ui/upgrade.ts'

type Restored = { restored: string[]; failed: string[] }

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
    'max-unavailable': Flags.string({
      dependsOn: ['resume'],
      helpValue: '10%',
      summary: 'from now on, allow this many of all workers to be unavailable at once',
    }),
  }

  override async run(): Promise<ResultReport | Restored | UnfinishedReport[]> {
    const { flags } = await this.parse(UpgradeCommandIndex)
    if (flags.resume) {
      const maxUnavailable = flags['max-unavailable']
      if (maxUnavailable !== undefined) parseMaxUnavailable(maxUnavailable)
      const change = {
        ...(maxUnavailable !== undefined && { maxUnavailable }),
        ...(flags['allow-downtime'] && { allowDowntime: true }),
        ...(flags['allow-outage'] && { allowOutage: true }),
      }
      return this.withFleet(flags, async fleet => {
        const result = await resumeUpgrade(fleet, change, this.runOptions(flags))
        this.reportResult(result)
        return resultAsJson(result)
      })
    }
    if (flags.abort)
      return this.withFleet(flags, async fleet =>
        this.#reportAbort(await abortUpgrade(fleet, this.runOptions(flags))),
      )
    const { targets } = await this.withFleet(flags, readUpgrade, { lock: 'none' })
    this.print(describeUnfinishedUpgrade(targets))
    return unfinishedAsJson(targets)
  }

  #reportAbort(answers: Awaited<ReturnType<typeof abortUpgrade>>): Restored {
    const restored = answers.filter(({ ok }) => ok).map(({ host }) => host)
    this.print(restoredLines(restored))
    const failures = answers.flatMap(answer =>
      answer.ok ? [] : [{ name: answer.host, error: answer.error }],
    )
    this.reportFailures(failures, answers.length)
    return { restored, failed: failures.map(({ name }) => name) }
  }
}
