import { Flags } from '@oclif/core'
import { splitAtDashes } from '../cli/arguments.ts'
import { BeltCommand } from '../cli/base-command.ts'
import { passThrough } from '../cli/pass-through.ts'
import { selectMachines } from '../operations/select-machines.ts'
import { activeMachine } from '../operations/swarm/active-manager.ts'
import { command } from '../remote/command.ts'

export default class Docker extends BeltCommand {
  static override summary = 'Run docker on the active host, exactly as it would run there'
  static override description =
    `Everything behind the word docker is docker's own, its flags included; Belt's flags stand before it. Standard input streams, stdout and stderr stay apart, a terminal gives a terminal, Ctrl-C reaches the remote process, and the remote exit code is Belt's.

On several hosts (--host 'mg[1:2]') the lines are led by the host's name; standard input reaches them with --stdin, or when an argument is "-". Exit code 4 means that some of them failed.`
  static override usage = 'docker ARGS...'
  static override examples = [
    '<%= config.bin %> docker node ls',
    '<%= config.bin %> --host node2 docker ps',
    "<%= config.bin %> --host 'node[1:4]' docker system df",
    'tar c . | <%= config.bin %> docker import - img',
  ]
  static override enableJsonFlag = false
  static override strict = false
  static override flags = {
    stdin: Flags.boolean({ summary: 'hand standard input to each of several hosts' }),
  }

  override async run(): Promise<void> {
    const { own, passed = [] } = splitAtDashes(this.argv)
    const { flags } = await this.parse(Docker, own)
    const fleet = await this.openFleet(flags)
    const machines = flags.host
      ? await selectMachines(fleet, flags.host)
      : [await activeMachine(fleet, await fleet.driver.list({ signal: fleet.signal }))]
    process.exitCode = await passThrough(fleet, machines, command('docker', ...passed), this.interruption, {
      stdin: flags.stdin || passed.includes('-'),
      timeoutMs: flags.timeout,
    })
  }
}
