import { BeltCommand } from '../../cli/base-command.ts'
import { releaseLock } from '../../operations/lock.ts'
import { type ReleaseReport, releasedLine, releaseQuestion, releaseReport } from '../../ui/lock.ts'

export default class LockRelease extends BeltCommand {
  static override summary = 'Release the lock on changes of the swarm, whoever holds it'
  static override description =
    `Use this only if the holder cannot release the lock. If a holder died, the next command takes the lock over anyway, once it has not been renewed for 90 s and then for 80 s more. Asks for confirmation. A holder that still runs notices within 20 s and stops.`
  static override examples = ['<%= config.bin %> lock release', '<%= config.bin %> lock release --yes']

  override async run(): Promise<ReleaseReport> {
    const { flags } = await this.parse(LockRelease)
    const claim = await releaseLock(await this.openFleet(flags), lease =>
      this.confirm(releaseQuestion(lease), flags),
    )
    this.print(releasedLine(claim))
    return releaseReport(claim)
  }
}
