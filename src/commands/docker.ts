import { splitAtDashes } from '../cli/arguments.ts'
import { BeltCommand } from '../cli/base-command.ts'
import { runFlags } from '../cli/flags/run-flags.ts'
import { passThrough } from '../cli/run/pass-through.ts'
import { selectTargets } from '../operations/select-machines.ts'
import { dockerCommand } from '../remote/docker-command.ts'
import { stdio } from '../ui/stdio.ts'

/** What follows is docker's own help, on the host. */
const HELP = ['--help', '-h', 'help']
const OWN_FLAGS =
  "Belt's flags stand before the word docker, as in belt --host node2 docker ps: see belt help docker"

export default class Docker extends BeltCommand {
  static override summary = 'Run docker on the active host, exactly as it would run there'
  static override description =
    `Everything after the word docker belongs to docker, including its flags. Put Belt's flags before it. Standard input, stdout, stderr, the terminal, Ctrl-C and the exit code pass through.

On several hosts (--host 'mg[1:2]'), Belt shows the output as belt exec does, with the same flags. Standard input reaches the hosts with --stdin, or if an argument is "-". Exit code 4 means that some hosts failed.`
  static override usage = 'docker ARGS...'
  static override examples = [
    '<%= config.bin %> docker node ls',
    '<%= config.bin %> --host node2 docker ps',
    "<%= config.bin %> --host 'node[1:4]' docker system df",
    '<%= config.bin %> --host role=worker --gather docker version',
    'tar c . | <%= config.bin %> docker import - img',
  ]
  static override strict = false
  static override flags = runFlags

  override async run(): Promise<void> {
    const { own, passed = [] } = splitAtDashes(this.argv)
    const { flags } = await this.parse(Docker, own)
    if (passed.length === 0 || HELP.includes(passed[0] ?? '')) stdio.progress.note(OWN_FLAGS)
    const fleet = await this.openFleet(flags)
    const targets = await selectTargets(fleet, flags.host || undefined)
    process.exitCode = await passThrough(fleet, targets, dockerCommand(passed), this.interruption, {
      ...flags,
      stdin: flags.stdin || passed.includes('-'),
      json: this.jsonEnabled(),
    })
  }
}
