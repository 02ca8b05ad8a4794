import { BeltCommand } from '../../cli/base-command.ts'
import { releaseLock } from '../../operations/lock.ts'
import { renewalInWords } from '../../ui/lock.ts'

export default class LockRelease extends BeltCommand {
  static override summary = 'Release the lock on changes of the swarm, whoever holds it'
  static override description =
    `Use this only if the holder cannot release the lock. If a holder died, the next command takes the lock over anyway, once it has not been renewed for 90 s and then for 80 s more. Asks for confirmation. A holder that still runs notices within 20 s and stops.`
  static override examples = ['<%= config.bin %> lock release', '<%= config.bin %> lock release --yes']

  override async run(): Promise<{ released: boolean; holder?: string; command?: string }> {
    const { flags } = await this.parse(LockRelease)
    const claim = await releaseLock(await this.openFleet(flags), lease => {
      const { holder, command } = lease.claim
      const doubt = `${renewalInWords(lease)}, which may still be running ${command}`
      return this.confirm(`Release the lock of ${holder}, ${doubt}?`, flags)
    })
    this.print(claim ? `released the lock of ${claim.holder} (${claim.command})\n` : 'not locked\n')
    if (!claim) return { released: false }
    return { released: true, holder: claim.holder, command: claim.command }
  }
}
