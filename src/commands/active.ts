import { Args } from '@oclif/core'
import { BeltCommand } from '../cli/base-command.ts'
import { chooseCluster } from '../config/active.ts'
import { activeHost } from '../config/remembered.ts'
import { usageError } from '../errors.ts'
import { selectMachine } from '../operations/select-machines.ts'
import { lines } from '../ui/lines.ts'

export default class Active extends BeltCommand {
  static override summary = 'Set or print the active host, which commands talk to'
  static override examples = ['<%= config.bin %> active mg0', '<%= config.bin %> active']
  static override args = { node: Args.string({ description: 'the name of a machine' }) }

  override async run(): Promise<{ cluster: string; host: string }> {
    const { args, flags } = await this.parse(Active)
    const cluster = await chooseCluster({ cwd: process.cwd(), cluster: flags.cluster, config: flags.config })
    if (args.node) {
      const { name } = await selectMachine(await this.openFleet(flags), args.node)
      await activeHost(cluster).set(name)
    }
    const host = await activeHost(cluster).get()
    if (host === undefined) {
      throw usageError('no-active-host', `${cluster.name} has no active host`, {
        hint: 'belt active NAME chooses one',
      })
    }
    this.print(lines([`${cluster.name}/${host}`]))
    return { cluster: cluster.name, host }
  }
}
