import { Args, Flags } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import type { Fleet } from '../../operations/fleet.ts'
import { joinToken } from '../../operations/swarm/token.ts'
import { lines } from '../../ui/lines.ts'

export default class SwarmToken extends BeltCommand {
  static override readonly lock = 'swarm'
  static override summary = 'Print a join token'
  static override description =
    `The token is a secret, above all that of managers: whoever has it can join. --rotate creates a new token and invalidates the old one. Members stay. You need no token for belt swarm join.`
  static override examples = [
    '<%= config.bin %> swarm token',
    '<%= config.bin %> swarm token manager --rotate',
  ]
  static override args = {
    role: Args.string({
      options: ['worker', 'manager'],
      default: 'worker',
      description: 'the role to join with',
    }),
  }
  static override flags = { rotate: Flags.boolean({ summary: 'create a new token first' }) }

  override async run(): Promise<{ role: string; token: string; rotated: boolean }> {
    const { args, flags } = await this.parse(SwarmToken)
    const role = args.role === 'manager' ? 'manager' : 'worker'
    const read = (fleet: Fleet) => joinToken(fleet, role, flags.rotate)
    const token = await this.withFleet(flags, read, flags.rotate ? {} : { lock: 'none' })
    this.print(lines([token]))
    return { role, token, rotated: flags.rotate }
  }
}
