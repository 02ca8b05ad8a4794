import { Args } from '@oclif/core'
import { BeltCommand } from '../cli/base-command.ts'
import { withOwnStreams } from '../cli/run/terminal.ts'
import { openShell } from '../operations/run-on-hosts.ts'
import { selectMachine } from '../operations/select-machines.ts'

export default class Ssh extends BeltCommand {
  static override summary = 'Open a shell on a host'
  static override description =
    `Starts a login shell on a terminal. Without a terminal, the shell reads its commands from standard input.`
  static override examples = ['<%= config.bin %> ssh node1', "echo 'uname -a' | <%= config.bin %> ssh node1"]
  static override enableJsonFlag = false
  static override args = { node: Args.string({ required: true, description: 'the name of a machine' }) }

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Ssh)
    const fleet = await this.openFleet(flags)
    const machine = await selectMachine(fleet, args.node)
    const exit = await withOwnStreams(streams => openShell(fleet, machine, streams))
    process.exitCode = exit.code
  }
}
