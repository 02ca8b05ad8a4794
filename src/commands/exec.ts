import { Args, Flags } from '@oclif/core'
import { splitAtDashes } from '../cli/arguments.ts'
import { BeltCommand } from '../cli/base-command.ts'
import { passThrough } from '../cli/pass-through.ts'
import { runFlags } from '../cli/run-flags.ts'
import { usageError } from '../errors.ts'
import { asksForFailed, selectTargets } from '../operations/select-machines.ts'
import type { ProcessCommand } from '../remote/command.ts'

export default class Exec extends BeltCommand {
  static override summary = 'Run a command on hosts'
  static override description =
    `Each argument behind -- arrives as given, without a shell in between; --shell hands a line to the remote shell instead.

On one host its streams and exit code pass through. On several, --gather prints equal outputs once under the folded names of their hosts, and those that differ little as what differs; --stream prints lines as they come, led by the host's name; --json and --ndjson keep stdout, stderr and exit code apart. Last come, on stderr, the slowest hosts and the failures by cause. Exit code 4 means that some failed; they are @failed in the next command, which ends with 0 when there are none.`
  static override usage = ['exec NODES [FLAGS] -- COMMAND ARGS...', "exec NODES [FLAGS] --shell 'LINE'"]
  static override examples = [
    "<%= config.bin %> exec 'node[1:4]' -- uptime",
    "<%= config.bin %> exec @all --gather --shell 'df -h / | tail -1'",
    "<%= config.bin %> exec 'role=worker&label=zone:a' --json --timeout 10s -- docker version",
    '<%= config.bin %> exec @failed -- systemctl restart docker',
  ]
  static override args = {
    nodes: Args.string({
      required: true,
      description: 'the hosts: node[1:4], node*, @all, role=worker, !node3',
    }),
  }
  static override flags = {
    shell: Flags.string({
      helpValue: 'LINE',
      summary: 'a line for the remote shell, instead of a command behind --',
    }),
    ...runFlags,
  }

  override async run(): Promise<void> {
    const { own, passed } = splitAtDashes(this.argv)
    const { args, flags } = await this.parse(Exec, own)
    const command = commandOf(args.nodes, passed, flags.shell)
    const fleet = await this.openFleet(flags)
    const machines = await selectTargets(fleet, args.nodes)
    process.exitCode = await passThrough(fleet, machines, command, this.interruption, {
      ...flags,
      json: this.jsonEnabled(),
      again: asksForFailed(args.nodes),
    })
  }
}

function commandOf(nodes: string, words: string[] | undefined, line: string | undefined): ProcessCommand {
  if (line !== undefined && words === undefined) return { shell: line }
  if (line === undefined && words && words.length > 0) return { argv: words }
  throw usageError(
    'no-command',
    line === undefined ? 'the command is missing' : '--shell and -- exclude each other',
    {
      hint: `belt exec '${nodes}' -- uptime`,
    },
  )
}
