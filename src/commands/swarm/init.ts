import { Args } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import { type SwarmStart, startSwarm } from '../../operations/swarm/init.ts'
import { startLine } from '../../ui/init.ts'

export default class SwarmInit extends BeltCommand {
  static override readonly lock = 'swarm'
  static override summary = 'Create a swarm on a machine, and make it the active host'
  static override description =
    `Advertises the private address of the machine, if it has one. You can run it again safely. Refuses if another machine of the cluster belongs to a swarm already or cannot be asked. Without NODE, uses the active host, or else the first machine.`
  static override examples = ['<%= config.bin %> swarm init mg0']
  static override args = { node: Args.string({ description: 'the name of the machine' }) }

  override async run(): Promise<SwarmStart> {
    const { args, flags } = await this.parse(SwarmInit)
    const start = await this.withFleet(flags, fleet => startSwarm(fleet, args.node))
    this.print(startLine(start))
    return start
  }
}
