import { Args, Flags } from '@oclif/core'
import { splitAtDashes } from '../cli/arguments.ts'
import { BeltCommand } from '../cli/base-command.ts'
import { passThrough } from '../cli/pass-through.ts'
import { usageError } from '../errors.ts'
import { selectMachines } from '../operations/select-machines.ts'
import type { Command } from '../remote/command.ts'

export default class Exec extends BeltCommand {
  static override summary = 'Run a command on hosts'
  static override description =
    `Each argument behind -- arrives as given, without a shell in between; --shell hands a line to the remote shell instead.

On one host its streams and exit code pass through; on several the lines are led by the host's name, and exit code 4 means that some failed. The failed ones are @failed in the next command.`
  static override usage = ['exec NODES [--stdin] -- COMMAND ARGS...', "exec NODES [--stdin] --shell 'LINE'"]
  static override examples = [
    "<%= config.bin %> exec 'node[1:4]' -- uptime",
    "<%= config.bin %> exec @all --shell 'df -h / | tail -1'",
    '<%= config.bin %> exec @failed -- systemctl restart docker',
  ]
  static override enableJsonFlag = false
  static override args = {
    nodes: Args.string({
      required: true,
      description: 'the hosts: node[1:4], node*, @all, @managers, !node3',
    }),
  }
  static override flags = {
    shell: Flags.string({
      helpValue: 'LINE',
      summary: 'a line for the remote shell, instead of a command behind --',
    }),
    stdin: Flags.boolean({ summary: 'hand standard input to each of several hosts' }),
  }

  override async run(): Promise<void> {
    const { own, passed } = splitAtDashes(this.argv)
    const { args, flags } = await this.parse(Exec, own)
    const command = commandOf(args.nodes, passed, flags.shell)
    const fleet = await this.openFleet(flags)
    const machines = await selectMachines(fleet, args.nodes)
    process.exitCode = await passThrough(fleet, machines, command, this.interruption, {
      stdin: flags.stdin,
      timeoutMs: flags.timeout,
    })
  }
}

function commandOf(nodes: string, words: string[] | undefined, line: string | undefined): Command {
  if (line !== undefined && words === undefined) return { run: { shell: line } }
  if (line === undefined && words && words.length > 0) return { run: words }
  throw usageError(
    'no-command',
    line === undefined ? 'the command is missing' : '--shell and -- exclude each other',
    {
      hint: `belt exec '${nodes}' -- uptime`,
    },
  )
}
