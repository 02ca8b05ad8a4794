import { Flags } from '@oclif/core'
import { BeltCommand } from '../cli/base-command.ts'
import { listFlags } from '../cli/flags/list-flags.ts'
import { type AddressKind, addressesOfMachines, type MachineAddress } from '../operations/machines/address.ts'
import { addressTable } from '../ui/addresses.ts'
import { lines } from '../ui/lines.ts'

export default class Ip extends BeltCommand {
  static override summary = 'Print the address of machines'
  static override description =
    `Prints the address that other machines use: the public one if it can be used, otherwise the private one. For a host of your own, it may be a DNS name or an IPv6 address, as in the config. For one name, or leader, prints just the address. For a range, a group or several names, prints a table.`
  static override usage = 'ip NODES... [FLAGS]'
  static override examples = [
    '<%= config.bin %> ip node2',
    '<%= config.bin %> ip node2 --private',
    "<%= config.bin %> ip 'node[1:4]'",
  ]
  static override strict = false
  static override flags = {
    ...listFlags,
    private: Flags.boolean({
      summary: 'print the private address',
      exclusive: ['public'],
    }),
    public: Flags.boolean({ summary: 'print the public address' }),
  }

  override async run(): Promise<MachineAddress | MachineAddress[]> {
    const { argv, flags } = await this.parse(Ip)
    this.requireWords(argv, 'no machine is named', "belt ip node1, or belt ip 'node[1:4]'")
    const fleet = await this.openFleet(flags)
    const kind: AddressKind = flags.private ? 'private' : flags.public ? 'public' : 'any'
    const { found, failures } = await addressesOfMachines(fleet, argv as string[], kind)
    const [word] = argv
    // The leader is one machine too, whoever that is.
    const only = argv.length === 1 ? found.find(({ name }) => word === 'leader' || word === name) : undefined
    if (only) this.print(lines([only.address]))
    else if (found.length > 0) this.print(addressTable(found, flags))
    this.reportFailures(failures, found.length + failures.length)
    return only ?? found
  }
}
