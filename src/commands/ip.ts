import { Args, Flags } from '@oclif/core'
import { BeltCommand } from '../cli/base-command.ts'
import { addressOf } from '../operations/machines/address.ts'
import { selectMachine } from '../operations/select-machines.ts'
import { lines } from '../ui/lines.ts'

export default class Ip extends BeltCommand {
  static override summary = "Print a machine's address"
  static override description =
    `Prints the address that other machines use, as the swarm needs it: the public one if the machine has a usable one, otherwise the private one. For a host of your own, it may be a DNS name or an IPv6 address, as in the config.`
  static override examples = ['<%= config.bin %> ip node2', '<%= config.bin %> ip node2 --private']
  static override args = { node: Args.string({ required: true, description: 'the name of a machine' }) }
  static override flags = {
    private: Flags.boolean({
      summary: 'print the private address',
      exclusive: ['public'],
    }),
    public: Flags.boolean({ summary: 'print the public address' }),
  }

  override async run(): Promise<{ name: string; address: string }> {
    const { args, flags } = await this.parse(Ip)
    const fleet = await this.openFleet(flags)
    const kind = flags.private ? 'private' : flags.public ? 'public' : 'any'
    const address = addressOf(await selectMachine(fleet, args.node), kind)
    this.print(lines([address]))
    return { name: args.node, address }
  }
}
