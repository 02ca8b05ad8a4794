import { BeltCommand } from '../../cli/base-command.ts'
import { isExpired } from '../../domain/lease.ts'
import { lockStatus } from '../../operations/lock.ts'
import { lockLines } from '../../ui/lock.ts'

export interface LockReport {
  readonly locked: boolean
  readonly keptIn: string
  readonly holder?: string
  readonly command?: string
  readonly since?: string
  readonly renewedAt?: string
}

export default class LockStatus extends BeltCommand {
  static override summary = 'Show who holds the lock on changes of the swarm'
  static override description =
    `Commands that change a swarm take its lock, which is kept in the swarm itself: everyone who works on it sees it, from whatever machine. It is renewed while the command runs and lapses 90 s after its holder died.`
  static override examples = ['<%= config.bin %> lock status', '<%= config.bin %> lock status --json']

  override async run(): Promise<LockReport> {
    const { flags } = await this.parse(LockStatus)
    const status = await lockStatus(await this.openFleet(flags))
    this.print(lockLines(status))
    const { place, lease } = status
    if (!lease) return { locked: false, keptIn: place }
    const { holder, command, since } = lease.claim
    const renewedAt = lease.renewedAt.toISOString()
    return { locked: !isExpired(lease), keptIn: place, holder, command, since, renewedAt }
  }
}
