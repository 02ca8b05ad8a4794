import { Flags } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import type { Fleet } from '../../operations/fleet.ts'
import { selectMachines } from '../../operations/select-machines.ts'
import { endsSwarm, leaveAll, planDeparture } from '../../operations/swarm/leave.ts'
import { type DepartedRow, departedLines, departedRows, departureQuestion } from '../../ui/departure.ts'

export default class SwarmLeave extends BeltCommand {
  static override readonly lock = 'machines'
  static override summary = 'Make hosts leave their swarm'
  static override description =
    `Asks the hosts themselves, so it needs no manager. Use it for hosts of another swarm, for hosts that were given up and came back, and to end a swarm. Their tasks stop at once, and their nodes stay listed as down. To remove nodes completely, use belt swarm remove. Managers leave only with --force, and only if you name all managers of their swarm. This ends the swarm, with its services, secrets and configs.`
  static override usage = 'swarm leave NODES... [--force]'
  static override examples = [
    '<%= config.bin %> swarm leave node3',
    '<%= config.bin %> swarm leave @all --force',
  ]
  static override strict = false
  static override flags = {
    force: Flags.boolean({ summary: 'let managers leave too, which ends the swarm' }),
  }

  override async run(): Promise<DepartedRow[]> {
    const { argv, flags } = await this.parse(SwarmLeave)
    this.requireWords(argv, 'the names of the hosts are missing', 'belt swarm leave node3')
    const { force } = flags
    const nodes = argv as string[]
    const leave = (fleet: Fleet) =>
      leaveAll(fleet, nodes, {
        force,
        confirm: departure => this.confirm(departureQuestion(departure, fleet.cluster), flags),
      })
    const answers = await this.withFleet(flags, leave, {
      endsSwarm: async fleet =>
        endsSwarm(await planDeparture(fleet, await selectMachines(fleet, nodes), force)),
    })
    this.print(departedLines(answers))
    this.reportAnswers(answers)
    return departedRows(answers)
  }
}
