import { Flags } from '@oclif/core'
import { BeltCommand } from '../cli/base-command.ts'
import type { GlobalFlags } from '../cli/flags.ts'
import { foldShort } from '../domain/ranges.ts'
import { failedOf } from '../hosts/fan-out.ts'
import type { Fleet } from '../operations/fleet.ts'
import {
  assertRestartableIfRenamed,
  type Renaming,
  renamedOf,
  renameHosts,
  restartStale,
} from '../operations/machines/hostname.ts'

export default class Hostname extends BeltCommand {
  static override summary = 'Name hosts as their machines are named'
  static override description =
    `Sets the name now and for the next start, and waits until the engines and the swarm use it, which takes them up to 20 s. No engine is restarted: those that still use the old name are shown, and --restart restarts just those, one at a time, managers last and only while the swarm keeps its quorum.`
  static override usage = 'hostname NODES... [--restart]'
  static override examples = ["<%= config.bin %> hostname '*'", '<%= config.bin %> hostname node1 --restart']
  static override strict = false
  static override flags = {
    restart: Flags.boolean({ summary: 'restart engines that still use the old name, one at a time' }),
  }

  override async run(): Promise<{
    renamed: string[]
    stale: string[]
    restarted: string[]
    failed: string[]
  }> {
    const { argv, flags } = await this.parse(Hostname)
    this.requireWords(argv, 'the hosts to rename are missing', "belt hostname '*'")
    const rename = async (fleet: Fleet) => {
      if (flags.restart) await assertRestartableIfRenamed(fleet, argv as string[])
      const renaming = await renameHosts(fleet, argv as string[])
      this.print(
        renamedOf(renaming)
          .map(name => `${name}\n`)
          .join(''),
      )
      const failures = failedOf(renaming.answers).map(({ host, error }) => ({ name: host, error }))
      this.reportFailures(failures, renaming.answers.length)
      await this.#dealWith(renaming, fleet, flags)
      return renaming
    }
    const renaming = await (flags.restart
      ? this.changeMachines(flags, rename)
      : rename(await this.openFleet(flags)))
    const { answers, stale } = renaming
    const names = stale.map(machine => machine.name)
    return {
      renamed: renamedOf(renaming),
      stale: flags.restart ? [] : names,
      restarted: flags.restart ? names : [],
      failed: failedOf(answers).map(({ host }) => host),
    }
  }

  /** Engines that still use the old name are restarted where that is asked for, else it is said how. */
  async #dealWith(
    renaming: Renaming,
    fleet: Fleet,
    flags: GlobalFlags & { restart: boolean },
  ): Promise<void> {
    if (renaming.stale.length === 0) return
    const names = renaming.stale.map(machine => machine.name)
    if (flags.restart) {
      const question = `Restart the engines of ${foldShort(names)}, and the containers on them?`
      await this.confirm(question, flags, 'no engine was restarted')
      await restartStale(fleet, renaming)
      return
    }
    const again = `belt hostname '${names.join(' ')}' --restart`
    fleet.progress.note(
      `the old name is still used by the engines of ${foldShort(names)}; restart them with: ${again}`,
    )
  }
}
