import { Flags } from '@oclif/core'
import { BeltCommand } from '../cli/base-command.ts'
import { listFlags } from '../cli/flags/list-flags.ts'
import { chooseCluster } from '../config/active.ts'
import { readJournal } from '../config/journal.ts'
import { isUsersOwn, type JournalEntry } from '../domain/journal-entry.ts'
import { journalTable, leftOutNote } from '../ui/journal.ts'
import { stdio } from '../ui/stdio.ts'

export default class Log extends BeltCommand {
  static override summary = 'List the changes made to hosts, swarm and machines from this folder'
  static override description =
    `Shows the journal, oldest first, without the commands of belt exec and belt ssh, of which Belt does not know whether they change something. A change whose result is "begun" is still running, or Belt was killed before it ended.`
  static override examples = ['<%= config.bin %> log', '<%= config.bin %> log --last 100 --json']
  static override flags = {
    ...listFlags,
    all: Flags.boolean({ summary: 'show the commands of belt exec and belt ssh too' }),
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
    const all = await readJournal(cluster)
    const changes = flags.all ? all : all.filter(entry => !isUsersOwn(entry))
    const entries = changes.slice(-flags.last)
    this.print(journalTable(entries, flags))
    const note = leftOutNote(all.length - changes.length)
    if (note) stdio.progress.note(note)
    return entries
  }
}
