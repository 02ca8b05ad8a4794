import { Args, Flags } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import { joinToken } from '../../operations/swarm/token.ts'

export default class SwarmToken extends BeltCommand {
  static override summary = 'Print the token that lets nodes join'
  static override description =
    `The token is a secret, above all the managers': whoever has it can join. --rotate makes a new one; the old one is refused from then on, and members stay. belt swarm join needs no token from you.`
  static override examples = [
    '<%= config.bin %> swarm token',
    '<%= config.bin %> swarm token manager --rotate',
  ]
  static override args = {
    role: Args.string({
      options: ['worker', 'manager'],
      default: 'worker',
      description: 'what nodes join as',
    }),
  }
  static override flags = { rotate: Flags.boolean({ summary: 'make a new token first' }) }

  override async run(): Promise<{ role: string; token: string; rotated: boolean }> {
    const { args, flags } = await this.parse(SwarmToken)
    const role = args.role === 'manager' ? 'manager' : 'worker'
    const token = flags.rotate
      ? await this.changeSwarm(flags, fleet => joinToken(fleet, role, true))
      : await joinToken(await this.openFleet(flags), role, false)
    this.print(`${token}\n`)
    return { role, token, rotated: flags.rotate }
  }
}
