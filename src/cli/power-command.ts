import type { Machine } from '../drivers/driver.ts'
import type { Fleet } from '../operations/fleet.ts'
import { type PowerChange, takeDown } from '../operations/machines/power.ts'
import { namesAll, selectMachines } from '../operations/select-machines.ts'
import { machineTable } from '../ui/machines.ts'
import { BeltCommand } from './base-command.ts'
import type { GlobalFlags } from './flags/global-flags.ts'

type Change = (fleet: Fleet, machines: readonly Machine[]) => Promise<PowerChange>

/** The base of the commands that start, stop, reboot and resize machines. */
export abstract class PowerCommand extends BeltCommand {
  static override readonly lock = 'machines'

  /** Makes a change that takes machines down meanwhile, if the swarm can spare them. */
  protected async takeDown(
    names: readonly string[],
    flags: GlobalFlags & { 'swarm-lost': boolean },
    change: Change,
  ): Promise<Machine[]> {
    const swarmLost = flags['swarm-lost']
    const work = (fleet: Fleet) => takeDown(fleet, names, swarmLost, change)
    const lock = { endsSwarm: (fleet: Fleet) => namesAll(fleet, names), swarmLost }
    return this.#show(await this.withFleet(flags, work, lock))
  }

  /** Makes a change that takes nothing away from the swarm. */
  protected async bringUp(names: readonly string[], flags: GlobalFlags, change: Change): Promise<Machine[]> {
    const work = async (fleet: Fleet) => change(fleet, await selectMachines(fleet, names))
    return this.#show(await this.withFleet(flags, work))
  }

  /** @throws a usage error with `example` as its hint if no machine is named */
  protected requireNames(names: readonly unknown[], example: string): void {
    this.requireWords(names, 'specify at least one machine', example)
  }

  #show({ machines, failures }: PowerChange): Machine[] {
    this.print(machineTable(machines))
    this.reportFailures(failures, machines.length)
    return machines
  }
}
