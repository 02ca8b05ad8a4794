import { splitAtDashes } from '../cli/arguments.ts'
import { BeltCommand } from '../cli/base-command.ts'
import { passThrough } from '../cli/pass-through.ts'
import { runFlags } from '../cli/run-flags.ts'
import { asksForFailed, selectTargets } from '../operations/select-machines.ts'
import { activeMachine } from '../operations/swarm/active-machine.ts'
import { command } from '../remote/command.ts'
import { onlyReads } from '../remote/reading-docker.ts'

export default class Docker extends BeltCommand {
  static override summary = 'Run docker on the active host, exactly as it would run there'
  static override description =
    `Everything behind the word docker is docker's own, its flags included; Belt's flags stand before it. Standard input streams, stdout and stderr stay apart, a terminal gives a terminal, Ctrl-C reaches the remote process, and the remote exit code is Belt's.

On several hosts (--host 'mg[1:2]') the outputs are shown as belt exec shows them, by the same flags; standard input reaches them with --stdin, or when an argument is "-". Exit code 4 means that some of them failed.`
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
    const fleet = await this.openFleet(flags)
    const machines = flags.host
      ? await selectTargets(fleet, flags.host)
      : [await activeMachine(fleet, await fleet.machines.list(fleet.signal))]
    const docker = { ...command('docker', ...passed), journaled: !onlyReads(passed) }
    process.exitCode = await passThrough(fleet, machines, docker, this.interruption, {
      ...flags,
      stdin: flags.stdin || passed.includes('-'),
      json: this.jsonEnabled(),
      again: flags.host !== undefined && asksForFailed(flags.host),
    })
  }
}
