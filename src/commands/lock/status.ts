import { BeltCommand } from '../../cli/base-command.ts'
import { lockStatus } from '../../operations/lock.ts'
import { type LockReport, lockLines, lockReport } from '../../ui/lock.ts'

export default class LockStatus extends BeltCommand {
  static override summary = 'Show who holds the lock on changes of the swarm'
  static override description =
    `Commands that change a swarm take its lock, which is kept in the swarm itself: everyone who works on it sees it, from whatever machine. It is renewed every 20 s while the command runs. One that was not renewed for 90 s looks lapsed: the next command watches it for 80 s, because clocks may differ, and takes it over if it stays as it is.`
  static override examples = ['<%= config.bin %> lock status', '<%= config.bin %> lock status --json']

  override async run(): Promise<LockReport> {
    const { flags } = await this.parse(LockStatus)
    const status = await lockStatus(await this.openFleet(flags))
    this.print(lockLines(status))
    return lockReport(status)
  }
}
