import { Args, Flags } from '@oclif/core'
import { splitAtDashes } from '../cli/arguments.ts'
import { BeltCommand } from '../cli/base-command.ts'
import { runFlags } from '../cli/flags/run-flags.ts'
import { passThrough } from '../cli/run/pass-through.ts'
import { usageError } from '../errors.ts'
import { selectTargets } from '../operations/select-machines.ts'
import type { ProcessCommand } from '../remote/command.ts'

export default class Exec extends BeltCommand {
  static override readonly passesOn = true
  static override summary = 'Run a command on hosts'
  static override description =
    `Passes each argument after -- as it is, without a shell. Use --shell to run a line with /bin/sh instead, whatever the login shell is.

On one host, streams and the exit code pass through. On several hosts, --gather prints identical output once under the folded host names, and similar output as a diff. --stream prints lines as they arrive, prefixed with the host name. --json and --ndjson keep stdout, stderr and the exit code apart. A summary on stderr names the slowest hosts and lists the failures by cause. Exit code 4 means that some hosts failed. @failed selects these in the next command.`
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
      summary: 'a line for /bin/sh on the hosts, instead of a command after --',
    }),
    ...runFlags,
  }

  override async run(): Promise<void> {
    const { own, passed } = splitAtDashes(this.argv)
    const { args, flags } = await this.parse(Exec, own)
    const command = commandOf(args.nodes, passed, flags.shell)
    const fleet = await this.openFleet(flags)
    const targets = await selectTargets(fleet, args.nodes)
    process.exitCode = await passThrough(fleet, targets, command, this.interruption, {
      ...flags,
      json: this.jsonEnabled(),
    })
  }
}

function commandOf(nodes: string, words: string[] | undefined, line: string | undefined): ProcessCommand {
  if (line !== undefined && words === undefined) return { shell: line }
  if (line === undefined && words && words.length > 0) return { argv: words }
  throw usageError(
    'no-command',
    line === undefined ? 'no command is given' : '--shell and -- cannot be combined',
    {
      hint: `belt exec '${nodes}' -- uptime`,
    },
  )
}
