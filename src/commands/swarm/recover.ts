import { Args, Flags } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import { assumeLostFlag, lostNodes } from '../../cli/lost-nodes.ts'
import { BeltError } from '../../errors.ts'
import { failedOf } from '../../hosts/fan-out.ts'
import type { Recovered } from '../../operations/recovery/finish.ts'
import { type FinishPlan, type ForcePlan, planRecovery } from '../../operations/recovery/plan.ts'
import { recoverSwarm } from '../../operations/recovery/recover.ts'
import { recoveredAsJson, recoveredText, recoveryPlanAsJson, recoveryPlanText } from '../../ui/recovery.ts'

interface RecoverResult {
  readonly plan: object
  readonly recovered?: object
}

export default class SwarmRecover extends BeltCommand {
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
    const fleet = await this.openFleet(flags)
    const request = { name: args.node, assumeLost: lostNodes(flags['assume-lost']) }
    if (flags['dry-run']) {
      const plan = await planRecovery(fleet, request)
      this.print(`${recoveryPlanText(plan)}
`)
      return { plan: recoveryPlanAsJson(plan) }
    }
    const { plan, recovered } = await recoverSwarm(fleet, request, async plan => {
      fleet.progress.note(recoveryPlanText(plan))
      await this.confirm(questionOf(plan, fleet.cluster), flags)
    })
    this.print(recoveredText(recovered))
    this.#report(recovered)
    return { plan: recoveryPlanAsJson(plan), recovered: recoveredAsJson(recovered) }
  }

  #report({ rejoined, removed, workers }: Recovered): void {
    const failures = failedOf([...rejoined, ...removed]).map(({ host, error }) => ({ name: host, error }))
    const absent = workers.missing.map(name => ({ name, error: notBack(name) }))
    this.reportFailures([...failures, ...absent], Number.POSITIVE_INFINITY)
  }
}

function questionOf(plan: ForcePlan | FinishPlan, cluster: string): string {
  return plan.kind === 'force'
    ? `Make a new cluster of ${plan.chosen.name} for ${cluster}?`
    : `Finish the recovery of ${cluster}?`
}

function notBack(name: string): BeltError {
  return new BeltError('worker-not-back', `${name} has not come back yet`, {
    host: name,
    hint: `belt --host ${name} docker info shows what it waits for; if it is lost: belt swarm remove --unreachable ${name}`,
  })
}
