import { Args, Flags } from '@oclif/core'
import { BeltCommand } from '../../cli/base-command.ts'
import { assumeLostFlag, lostNodes } from '../../cli/flags/assume-lost-flag.ts'
import { planRestoreOf, restoreSwarm } from '../../operations/backup/restore-file.ts'
import {
  type RestoredDocument,
  restoredAsJson,
  restoredText,
  restorePlanAsJson,
  restorePlanText,
  restoreQuestion,
} from '../../ui/backup.ts'

export default class SwarmRestore extends BeltCommand {
  static override readonly lock = 'folder'
  static override summary = 'Restore a swarm with one manager from a backup, after all managers are lost'
  static override description =
    `Refused (exit code 3) as long as another manager may live: a machine of the cluster that manages that swarm or cannot be asked whether it does, a manager that the backup names or that workers were told of and that is no machine here, or one that the machine to restore on reaches. --assume-lost names those that are known to be lost. The machine must own the address of the manager that the backup is of, because workers and the Raft group know it by that: --alias adds it beside its own until the next start. What its engine had of a swarm is moved aside, never deleted. Asks first. While a manager is left, belt swarm recover is the shorter way.`
  static override usage = 'swarm restore FILE NODE [--alias] [--dry-run]'
  static override examples = [
    '<%= config.bin %> swarm restore prod-20260301T080000Z.belt-backup mg0 --dry-run',
    '<%= config.bin %> swarm restore prod-20260301T080000Z.belt-backup mg0',
    '<%= config.bin %> swarm restore prod.belt-backup mg3 --alias --assume-lost mg0,10.0.0.3',
  ]
  static override args = {
    file: Args.string({ required: true, description: 'a file made by belt swarm backup' }),
    node: Args.string({ required: true, description: 'the machine to become the manager' }),
  }
  static override flags = {
    alias: Flags.boolean({ summary: 'add the old address to the machine if it does not have it' }),
    'assume-lost': assumeLostFlag,
    'dry-run': Flags.boolean({ summary: 'show the plan, and change nothing' }),
    'unlock-key-file': Flags.string({
      helpValue: 'FILE',
      summary: 'the unlock key that was valid at the time of the backup, for a swarm with autolock',
    }),
  }

  override async run(): Promise<RestoredDocument | { plan: object }> {
    const { args, flags } = await this.parse(SwarmRestore)
    const request = {
      path: args.file,
      unlockKeyFile: flags['unlock-key-file'],
      options: { name: args.node, alias: flags.alias, assumeLost: lostNodes(flags['assume-lost']) },
    }
    if (flags['dry-run']) {
      const plan = await this.withFleet(flags, fleet => planRestoreOf(fleet, request), { lock: 'none' })
      this.print(`${restorePlanText(plan)}\n`)
      return { plan: restorePlanAsJson(plan) }
    }
    const { plan, restored } = await this.withFleet(flags, fleet =>
      restoreSwarm(fleet, request, async plan => {
        fleet.progress.note(restorePlanText(plan))
        if (!plan.done) await this.confirm(restoreQuestion(plan, fleet.cluster), flags)
      }),
    )
    this.print(restoredText(restored, plan))
    if (restored.contentsError) throw restored.contentsError
    return restoredAsJson(restored)
  }
}
