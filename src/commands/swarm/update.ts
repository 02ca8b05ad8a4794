import { Flags } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import { durationFlag } from '../../cli/flags/duration-flag.ts'
import { type KeepKey, withKeyPlace } from '../../operations/swarm/unlock-key.ts'
import { changeSettings } from '../../operations/swarm/update.ts'
import type { SwarmSpec } from '../../remote/swarm-settings.ts'
import { stdio } from '../../ui/stdio.ts'
import { settingsText, unlockKeyText } from '../../ui/swarm-settings.ts'

export default class SwarmUpdate extends BeltCommand {
  static override readonly lock = 'swarm'
  static override summary = 'Change the settings of the swarm'
  static override description =
    `With autolock, a restarted manager needs the unlock key to take part again. Belt shows the key once on the terminal, or writes it to a new file that only you can read. A swarm with autolock that has lost its quorum cannot be recovered from one manager.`
  static override examples = [
    '<%= config.bin %> swarm update --cert-expiry 2160h',
    '<%= config.bin %> swarm update --autolock --unlock-key-file prod.key',
  ]
  static override flags = {
    'cert-expiry': durationFlag({ helpValue: '2160h', summary: 'the validity of node certificates' }),
    autolock: Flags.boolean({ allowNo: true, summary: 'require a key when a manager starts' }),
    'unlock-key-file': Flags.string({
      dependsOn: ['autolock'],
      helpValue: 'FILE',
      summary: 'write the unlock key to this new file',
    }),
  }

  override async run(): Promise<{ changes: string[] }> {
    const { flags } = await this.parse(SwarmUpdate)
    const { 'cert-expiry': certificateExpiryMs, autolock, 'unlock-key-file': file } = flags
    const wanted: Partial<SwarmSpec> = {
      ...(certificateExpiryMs !== undefined && { certificateExpiryMs }),
      ...(autolock !== undefined && { autolock }),
    }
    this.requireWords(Object.keys(wanted), 'no setting is named', 'belt swarm update --cert-expiry 2160h')
    const change = (keepKey?: KeepKey) =>
      this.withFleet(flags, fleet => changeSettings(fleet, wanted, keepKey))
    const isSeen = stdio.stdout.isTTY && !this.jsonEnabled()
    const show: KeepKey = key => stdio.print(unlockKeyText(key))
    const changes = await (autolock
      ? withKeyPlace({ file, show: isSeen ? show : undefined }, change)
      : change())
    this.print(settingsText(changes))
    return { changes }
  }
}
