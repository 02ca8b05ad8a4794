import { Flags } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import { durationFlag } from '../../cli/flags.ts'
import { type KeyKeeper, openKeyKeeper } from '../../cli/unlock-key.ts'
import type { Fleet } from '../../operations/fleet.ts'
import { changeSettings } from '../../operations/swarm/update.ts'
import type { SwarmSpec } from '../../remote/swarm-settings.ts'
import { stdio } from '../../ui/stdio.ts'

const NO_KEY: KeyKeeper = { keep: async () => {}, close: async () => {} }

export default class SwarmUpdate extends BeltCommand {
  static override summary = 'Change settings of the running swarm'
  static override description =
    `With autolock a manager that was restarted takes part only when it is given the unlock key. The key is shown once on the terminal, or written to a new file that only you can read. Mind that a swarm with autolock that has lost its quorum cannot be recovered from one manager.`
  static override examples = [
    '<%= config.bin %> swarm update --cert-expiry 2160h',
    '<%= config.bin %> swarm update --autolock --unlock-key-file prod.key',
  ]
  static override flags = {
    'cert-expiry': durationFlag({ helpValue: '2160h', summary: "how long nodes' certificates last" }),
    autolock: Flags.boolean({ allowNo: true, summary: 'whether a manager needs a key when it starts' }),
    'unlock-key-file': Flags.string({
      dependsOn: ['autolock'],
      helpValue: 'FILE',
      summary: 'where the unlock key goes; a file that does not exist yet',
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
    const terminal = {
      isTTY: stdio.stdout.isTTY && !this.jsonEnabled(),
      write: (text: string) => stdio.print(text),
    }
    const keeper = autolock ? await openKeyKeeper(file, terminal) : NO_KEY
    const change = (fleet: Fleet) => changeSettings(fleet, wanted, keeper.keep)
    const changes = await this.changeSwarm(flags, change).finally(keeper.close)
    this.print(`${changes.join('\n') || 'all is as wanted already'}\n`)
    return { changes }
  }
}
