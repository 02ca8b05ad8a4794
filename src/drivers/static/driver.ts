import { naturalOrder } from '../../domain/natural-order.ts'
import { usageError } from '../../errors.ts'
import type { Driver, DriverCallOptions, Machine, MachineSpec, Outcome } from '../driver.ts'
import { outcomesOf } from '../outcomes.ts'
import { machinesFromHosts } from './inventory.ts'
import type { StaticOptions } from './options.ts'

/** These operations do not wait for anything, so they need no limit. */
const CONCURRENCY = Number.POSITIVE_INFINITY

/**
 * Existing hosts, listed in the config, which Belt neither creates nor destroys. Only SSH can tell whether a host answers,
 * so every host counts as active.
 */
export class StaticDriver implements Driver {
  readonly name = 'static'
  readonly destroyVerb = 'release'
  readonly nameKind = 'host'
  readonly #machines: ReadonlyMap<string, Machine>

  constructor(options: StaticOptions) {
    this.#machines = new Map(machinesFromHosts(options.hosts).map(machine => [machine.name, machine]))
  }

  /** There is no vendor to contact, and the constructor has checked the list. */
  async validate(): Promise<void> {}

  /** Looks hosts up in the list, without changing them. Ignores sizes and regions. */
  create(specs: readonly MachineSpec[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    return outcomesOf(
      specs,
      async ({ name }) => {
        const machine = this.#machines.get(name)
        if (machine) return { machine, changed: false }
        throw usageError('not-in-inventory', `${name} is not listed in static.hosts in the config`, {
          host: name,
          hint: 'add it there with its address; the static driver does not create machines',
        })
      },
      { ...options, title: 'Looking up hosts', concurrency: CONCURRENCY },
    )
  }

  /** All hosts in the list, including released ones. */
  async list(): Promise<Machine[]> {
    return [...this.#machines.values()].sort((a, b) => naturalOrder(a.name, b.name))
  }

  /** Releases hosts: does nothing to them, and they stay listed until they are removed from the config. */
  destroy(machines: readonly Machine[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    return outcomesOf(machines, async machine => ({ machine, changed: false }), {
      ...options,
      title: 'Releasing hosts',
      concurrency: CONCURRENCY,
    })
  }
}
