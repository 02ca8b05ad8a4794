import { Flags } from '@oclif/core'
import { BeltCommand } from '../cli/base-command.ts'
import { chooseCluster } from '../config/active.ts'
import { readJournal } from '../config/journal.ts'
import type { JournalEntry } from '../domain/journal-entry.ts'
import { journalTable } from '../ui/journal.ts'

export default class Log extends BeltCommand {
  static override summary = 'List the changes made to hosts, swarm and machines from this folder'
  static override description =
    `Shows the journal, oldest first. A change whose result is "begun" is still running, or Belt was killed before it ended.`
  static override examples = ['<%= config.bin %> log', '<%= config.bin %> log --last 100 --json']
  static override flags = {
    last: Flags.integer({
      helpValue: 'N',
      min: 1,
      default: 20,
      summary: 'the number of latest changes to show',
    }),
  }

  override async run(): Promise<JournalEntry[]> {
    const { flags } = await this.parse(Log)
    const cluster = await chooseCluster({ cwd: process.cwd(), cluster: flags.cluster, config: flags.config })
    const entries = (await readJournal(cluster)).slice(-flags.last)
    this.print(journalTable(entries))
    return entries
  }
}
