import { Flags } from '@oclif/core'
import { leaveFlags, outageFlags, UpgradeCommand, type UpgradeReport } from '../../cli/upgrade-command.ts'
import type { UpgradeRecord } from '../../domain/upgrade/record.ts'
import { parseMaxUnavailable } from '../../domain/upgrade/waves.ts'
import { readScene } from '../../operations/upgrade/charges.ts'
import { abortUpgrade, resumeUpgrade } from '../../operations/upgrade/unfinished.ts'
import { describeUnfinished } from '../../ui/upgrade.ts'

type Report = Pick<UpgradeReport, 'upgraded' | 'failed' | 'left'>
type Unfinished = UpgradeRecord[]
type Restored = { restored: string[]; failed: string[] }

export default class UpgradeCommandIndex extends UpgradeCommand {
  static override summary = 'Show an upgrade that is not finished, resume it, or give it up'
  static override description =
    `An upgrade that failed or was interrupted is kept in the swarm: what was to be done, which nodes wait, and what those were that are out. --resume goes on with it, from whatever machine and working copy; --abort brings the nodes that are out back as what they were and leaves the others alone (what was done to a machine stays done).`
  static override usage = 'upgrade [--resume | --abort]'
  static override examples = [
    '<%= config.bin %> upgrade',
    '<%= config.bin %> upgrade --resume',
    '<%= config.bin %> upgrade --abort',
  ]
  static override flags = {
    resume: Flags.boolean({ exclusive: ['abort'], summary: 'go on with it' }),
    abort: Flags.boolean({ summary: 'give it up' }),
    ...leaveFlags,
    ...outageFlags,
    'max-unavailable': Flags.string({
      dependsOn: ['resume'],
      helpValue: '10%',
      summary: 'let so many of all workers be out at once from now on',
    }),
  }

  override async run(): Promise<Report | Restored | Unfinished> {
    const { flags } = await this.parse(UpgradeCommandIndex)
    if (flags.resume) {
      const maxUnavailable = flags['max-unavailable']
      if (maxUnavailable !== undefined) parseMaxUnavailable(maxUnavailable)
      const change = {
        ...(maxUnavailable !== undefined && { maxUnavailable }),
        ...(flags['allow-downtime'] && { allowDowntime: true }),
        ...(flags['allow-outage'] && { allowOutage: true }),
      }
      return this.changeSwarm(flags, async fleet =>
        this.report(await resumeUpgrade(fleet, change, this.runOptions(flags))),
      )
    }
    if (flags.abort)
      return this.changeSwarm(flags, async fleet =>
        this.#abort(await abortUpgrade(fleet, this.runOptions(flags))),
      )
    const { charges } = await readScene(await this.openFleet(flags))
    this.print(describeUnfinished(charges))
    return charges.map(({ record }) => record)
  }

  #abort(answers: Awaited<ReturnType<typeof abortUpgrade>>): Restored {
    const restored = answers.filter(({ ok }) => ok).map(({ host }) => host)
    this.print(restored.map(name => `${name}: as it was\n`).join(''))
    const failures = answers.flatMap(answer =>
      answer.ok ? [] : [{ name: answer.host, error: answer.error }],
    )
    this.reportFailures(failures, answers.length)
    return { restored, failed: failures.map(({ name }) => name) }
  }
}
