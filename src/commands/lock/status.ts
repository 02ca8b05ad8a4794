import { BeltCommand } from '../../cli/base-command.ts'
import { lockStatus } from '../../operations/lock.ts'
import { type LockReport, lockLines, lockReport } from '../../ui/lock.ts'

export default class LockStatus extends BeltCommand {
  static override summary = 'Show who holds the lock on changes of the swarm'
  static override description =
    `Commands that change a swarm take its lock. It is kept in the swarm, so everybody sees it from any machine, and renewed every 20 s while the command runs. A lock that has not been renewed for 90 s looks lapsed. The next command watches it for 80 s, because clocks may differ, and takes it over if it does not change.`
  static override examples = ['<%= config.bin %> lock status', '<%= config.bin %> lock status --json']

  override async run(): Promise<LockReport> {
    const { flags } = await this.parse(LockStatus)
    const status = await lockStatus(await this.openFleet(flags))
    this.print(lockLines(status))
    return lockReport(status)
  }
}
