import { Flags } from '@oclif/core'
import { BeltCommand } from '../cli/base-command.ts'
import type { Fleet } from '../operations/fleet.ts'
import { type Renaming, renameAndRestart, renamedOf, renameHosts } from '../operations/machines/hostname.ts'
import { type HostnameReport, hostnameReport, restartQuestion, staleNote } from '../ui/hostname.ts'
import { lines } from '../ui/lines.ts'

export default class Hostname extends BeltCommand {
  static override readonly lock = 'machines'
  static override summary = 'Give hosts the names of their machines'
  static override description =
    'Sets the name at once and for the next start, and waits until the engines and the swarm use it, which takes up to 20 s. Engines are not restarted. Belt lists those that still use the old name. --restart restarts only these, one at a time and managers last, as long as the swarm keeps its quorum.'
  static override usage = 'hostname NODES... [--restart]'
  static override examples = ["<%= config.bin %> hostname '*'", '<%= config.bin %> hostname node1 --restart']
  static override strict = false
  static override flags = {
    restart: Flags.boolean({ summary: 'restart engines that still use the old name, one at a time' }),
  }

  override async run(): Promise<HostnameReport> {
    const { argv, flags } = await this.parse(Hostname)
    this.requireWords(argv, 'the hosts to rename are missing', "belt hostname '*'")
    const nodes = argv as string[]
    const renaming = flags.restart
      ? await this.withFleet(flags, fleet =>
          renameAndRestart(fleet, nodes, {
            onRenamed: renaming => this.#show(renaming),
            confirm: stale => this.confirm(restartQuestion(stale), flags, 'no engine was restarted'),
          }),
        )
      : await this.withFleet(flags, fleet => this.#renameOnly(fleet, nodes), { lock: 'none' })
    return hostnameReport(renaming, flags.restart)
  }

  async #renameOnly(fleet: Fleet, nodes: readonly string[]): Promise<Renaming> {
    const renaming = await renameHosts(fleet, nodes)
    this.#show(renaming)
    const stale = staleNote(renaming)
    if (stale) fleet.progress.note(stale)
    return renaming
  }

  #show(renaming: Renaming): void {
    this.print(lines(renamedOf(renaming)))
    this.reportAnswers(renaming.answers)
  }
}
