import { Flags } from '@oclif/core'
import { BeltCommand } from '../cli/base-command.ts'
import { foldShort } from '../domain/ranges.ts'
import { renameHosts } from '../operations/machines/hostname.ts'
import { restartEngines } from '../operations/machines/restart-engines.ts'

export default class Hostname extends BeltCommand {
  static override summary = 'Name hosts as their machines are named'
  static override description =
    `Sets the name now and for the next start, and waits until the engines and the swarm use it, which takes them up to 20 s. No engine is restarted: those that still use the old name are shown, and --restart restarts just those, one at a time, managers last and only while the swarm keeps its quorum.`
  static override usage = 'hostname NODES... [--restart]'
  static override examples = ["<%= config.bin %> hostname '*'", '<%= config.bin %> hostname node1 --restart']
  static override strict = false
  static override flags = {
    restart: Flags.boolean({ summary: 'restart engines that still use the old name, one at a time' }),
  }

  override async run(): Promise<{
    renamed: string[]
    stale: string[]
    restarted: string[]
    failed: string[]
  }> {
    const { argv, flags } = await this.parse(Hostname)
    this.requireWords(argv, 'the hosts to rename are missing', "belt hostname '*'")
    const fleet = await this.openFleet(flags)
    const { answers, stale } = await renameHosts(fleet, argv as string[])
    const renamed = answers.filter(answer => answer.ok && answer.value).map(answer => answer.host)
    this.print(renamed.map(name => `${name}\n`).join(''))
    const names = stale.map(machine => machine.name)
    if (stale.length > 0 && flags.restart) {
      await this.confirm(`Restart the engines of ${foldShort(names)}, and the containers on them?`, flags)
      await restartEngines(fleet, stale)
    } else if (stale.length > 0) {
      const again = `belt hostname '${names.join(' ')}' --restart`
      fleet.progress.note(
        `the old name is still used by the engines of ${foldShort(names)}; restart them with: ${again}`,
      )
    }
    const failures = answers.flatMap(answer =>
      answer.ok ? [] : [{ name: answer.host, error: answer.error }],
    )
    this.reportFailures(failures, answers.length)
    return {
      renamed,
      stale: flags.restart ? [] : names,
      restarted: flags.restart ? names : [],
      failed: failures.map(({ name }) => name),
    }
  }
}
