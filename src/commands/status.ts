import { Flags } from '@oclif/core'
import { BeltCommand } from '../cli/base-command.ts'
import { listFlags } from '../cli/flags/list-flags.ts'
import {
  groupByStatus,
  parseConditions,
  type StatusGroup,
  waitForStatus,
} from '../operations/machines/wait-for-status.ts'
import { statusTable } from '../ui/status.ts'

const DEFAULT_WAIT_MS = 600_000

export default class Status extends BeltCommand {
  static override summary = 'Count machines by status, or wait for a status'
  static override description =
    `With --wait, Belt prints the table again at each change, until the condition is met (exit code 0) or --timeout (default 10m) expires (exit code 1). Statuses: new, active, off, failed, unknown.`
  static override examples = [
    '<%= config.bin %> status',
    '<%= config.bin %> status --wait active=13',
    "<%= config.bin %> status --wait 'active>=10,new=0' --timeout 20m",
  ]
  static override flags = {
    ...listFlags,
    wait: Flags.string({
      helpValue: 'STATUS=COUNT',
      summary: 'wait until this many machines have the status',
    }),
  }

  override async run(): Promise<StatusGroup[]> {
    const { flags } = await this.parse(Status)
    const conditions = flags.wait === undefined ? undefined : parseConditions(flags.wait)
    const fleet = await this.openFleet(flags)
    const show = (groups: readonly StatusGroup[]) => this.print(statusTable(groups, flags))
    if (conditions) return waitForStatus(fleet, conditions, flags.timeout ?? DEFAULT_WAIT_MS, show)
    const groups = groupByStatus(await fleet.machines.list(fleet.signal))
    show(groups)
    return groups
  }
}
