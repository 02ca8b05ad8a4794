import { Args, Flags } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import { assumeLostFlag, lostNodes } from '../../cli/flags/assume-lost-flag.ts'
import { recoveryFailures } from '../../operations/recovery/finish.ts'
import { planRecovery } from '../../operations/recovery/plan.ts'
import { recoverSwarm } from '../../operations/recovery/recover.ts'
import {
  recoveredAsJson,
  recoveredText,
  recoveryPlanAsJson,
  recoveryPlanText,
  recoveryQuestion,
} from '../../ui/recovery.ts'

interface RecoverResult {
  readonly plan: object
  readonly recovered?: object
}

export default class SwarmRecover extends BeltCommand {
  static override readonly lock = 'recovery'
  static override summary = 'Recover a swarm that has lost its quorum, from the remaining managers'
  static override description =
    `If you can, start the lost managers with their old addresses instead: nothing is lost then. Otherwise this command creates a new cluster from the manager with the most decisions (read from its disk), waits until the other living managers have joined it, removes the lost ones from the node list, and waits for the workers. Refuses (exit code 3) if the swarm has its quorum, with autolock, and if an unreadable manager may still be alive. Use --assume-lost to name managers that you know are lost. Asks for confirmation. Run the same command again to continue an interrupted recovery.`
  static override usage = 'swarm recover [NODE] [--assume-lost NODES] [--dry-run]'
  static override examples = [
    '<%= config.bin %> swarm recover --dry-run',
    "<%= config.bin %> swarm recover --assume-lost 'mg[1:2]'",
  ]
  static override args = {
    node: Args.string({
      description: 'the manager to create the new cluster from (default: the one with the most decisions)',
    }),
  }
  static override flags = {
    'assume-lost': assumeLostFlag,
    'dry-run': Flags.boolean({ summary: 'show the plan, and change nothing' }),
  }

  override async run(): Promise<RecoverResult> {
    const { args, flags } = await this.parse(SwarmRecover)
    const request = { name: args.node, assumeLost: lostNodes(flags['assume-lost']) }
    if (flags['dry-run']) {
      const plan = await this.withFleet(flags, fleet => planRecovery(fleet, request), { lock: 'none' })
      this.print(`${recoveryPlanText(plan)}\n`)
      return { plan: recoveryPlanAsJson(plan) }
    }
    const { plan, recovered } = await this.withFleet(flags, fleet =>
      recoverSwarm(fleet, request, async plan => {
        fleet.progress.note(recoveryPlanText(plan))
        await this.confirm(recoveryQuestion(plan, fleet.cluster), flags)
      }),
    )
    this.print(recoveredText(recovered))
    this.reportFailures(recoveryFailures(recovered), Number.POSITIVE_INFINITY)
    return { plan: recoveryPlanAsJson(plan), recovered: recoveredAsJson(recovered) }
  }
}
