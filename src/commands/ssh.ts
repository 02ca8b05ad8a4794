import { Args } from '@oclif/core'
import { splitAtDashes } from '../cli/arguments.ts'
import { BeltCommand } from '../cli/base-command.ts'
import { onOne } from '../cli/run/pass-through.ts'
import { withOwnStreams } from '../cli/run/terminal.ts'
import { openShell } from '../operations/run-on-hosts.ts'
import { selectMachine } from '../operations/select-machines.ts'

export default class Ssh extends BeltCommand {
  static override summary = 'Open a shell on a host, or run a line in it'
  static override description =
    `Starts a login shell on a terminal. Without a terminal, the shell reads its commands from standard input.

Everything after the name of the host is a line for the shell there, as with ssh. Its streams and its exit code pass through. Put Belt's flags before the line.`
  static override usage = 'ssh NODE [COMMAND...]'
  static override examples = [
    '<%= config.bin %> ssh node1',
    "<%= config.bin %> ssh node1 'df -h / | tail -1'",
    "echo 'uname -a' | <%= config.bin %> ssh node1",
  ]
  static override enableJsonFlag = false
  static override args = { node: Args.string({ required: true, description: 'the name of a machine' }) }

  override async run(): Promise<void> {
    const { own, passed = [] } = splitAtDashes(this.argv)
    const { args, flags } = await this.parse(Ssh, own)
    const fleet = await this.openFleet(flags)
    const machine = await selectMachine(fleet, args.node)
    if (passed.length > 0) {
      process.exitCode = await onOne(fleet, machine, { shell: passed.join(' ') }, this.interruption, flags)
      return
    }
    const exit = await withOwnStreams(streams => openShell(fleet, machine, streams))
    process.exitCode = exit.code
  }
}
