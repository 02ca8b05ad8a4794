import { naturalOrder } from '../../domain/natural-order.ts'
import { usageError } from '../../errors.ts'
import type { Driver, DriverCallOptions, Machine, MachineSpec, Outcome } from '../driver.ts'
import { outcomesOf } from '../outcomes.ts'
import { readInventory } from './inventory.ts'
import type { StaticOptions } from './options.ts'

/** Nothing is waited for, so nothing needs a limit. */
const CONCURRENCY = Number.POSITIVE_INFINITY

/**
 * Hosts that exist already and stay when Belt is done with them: the list in the config is all there is to know.
 * Whether a host answers is for SSH to find out, so every one of them counts as active.
 */
export class StaticDriver implements Driver {
  readonly name = 'static'
  readonly destroyVerb = 'let go of'
  readonly #machines: ReadonlyMap<string, Machine>

  /** @throws a usage error when the list makes no sense */
  constructor(options: StaticOptions) {
    this.#machines = new Map(readInventory(options.hosts).map(machine => [machine.name, machine]))
  }

  /** There is no vendor to be reached, and the list has been read. */
  async validate(): Promise<void> {}

  /** Takes hosts of the list into use, which changes nothing on them. Sizes and regions are as they are. */
  create(specs: readonly MachineSpec[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    return outcomesOf(
      specs,
      async ({ name }) => {
        const machine = this.#machines.get(name)
        if (machine) return { machine, changed: false }
        throw usageError('not-in-inventory', `${name} is not among static.hosts of the config`, {
          host: name,
          hint: 'add it there with its address: the static driver makes no machines',
        })
      },
      { ...options, title: 'Looking up hosts', concurrency: CONCURRENCY },
    )
  }

  /** All hosts of the list, those that were let go of included. */
  async list(): Promise<Machine[]> {
    return [...this.#machines.values()].sort((a, b) => naturalOrder(a.name, b.name))
  }

  /** Lets go of hosts: nothing is done to them, and they stay in the list until the config says otherwise. */
  destroy(machines: readonly Machine[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    return outcomesOf(machines, async machine => ({ machine, changed: false }), {
      ...options,
      title: 'Letting go of hosts',
      concurrency: CONCURRENCY,
    })
  }
}
