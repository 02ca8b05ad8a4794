import { setTimeout as sleep } from 'node:timers/promises'
import { parseMemory } from '../../src/domain/memory.ts'
import { naturalOrder } from '../../src/domain/natural-order.ts'
import type {
  Driver,
  DriverCallOptions,
  Machine,
  MachineSpec,
  Outcome,
  ResizeOptions,
} from '../../src/drivers/driver.ts'
import { outcomesOf } from '../../src/drivers/outcomes.ts'
import { precheckError } from '../../src/errors.ts'

/** What is done to one machine. */
type Verb = 'create' | 'destroy' | 'shutdown' | 'start' | 'reboot' | 'resize'

/** A cloud in memory, with the machines of all clusters. */
export class FakeVendor {
  /** By cluster, then by name. */
  readonly clusters = new Map<string, Map<string, Machine>>()
  /** Set: nothing can be read or changed, for this reason. */
  down: Error | undefined
  /** How long it takes over each machine. */
  delayMs = 0
  #made = 0

  machinesOf(cluster: string): Map<string, Machine> {
    const machines = this.clusters.get(cluster) ?? new Map<string, Machine>()
    this.clusters.set(cluster, machines)
    return machines
  }

  /** Makes a machine that has a name and an id, but does not run yet. */
  begin(cluster: string, name: string): Machine {
    this.#made += 1
    const machine: Machine = {
      id: `fake-${this.#made}`,
      name,
      status: 'new',
      memoryMiB: 512,
      region: 'nowhere',
    }
    this.machinesOf(cluster).set(name, machine)
    return machine
  }

  /** Finishes a machine, with addresses of its own. */
  complete(cluster: string, machine: Machine): Machine {
    const number = Number(machine.id.split('-')[1])
    const at = `${number >> 8}.${number & 255}`
    const finished: Machine = {
      ...machine,
      status: 'active',
      publicAddress: `198.18.${at}`,
      privateAddress: `10.99.${at}`,
      ssh: { address: `198.18.${at}`, port: 22, user: 'root' },
    }
    this.machinesOf(cluster).set(machine.name, finished)
    return finished
  }
}

/** A driver without a cloud. Faults are ordered beforehand: `driver.failNext('create', 'node2', error)`. */
export class FakeDriver implements Driver {
  readonly name = 'fake'
  readonly destroyVerb = 'destroy'
  listLagMs = 0
  readonly cluster: string
  readonly vendor: FakeVendor
  /** Everything that was done to a machine, such as `create node1`, in order. */
  readonly calls: string[] = []
  readonly #failures = new Map<string, { error: Error; times: number }>()

  constructor(cluster = 'fake', vendor = new FakeVendor()) {
    this.cluster = cluster
    this.vendor = vendor
  }

  /** Lets `verb` on this machine fail, once or as often as told. */
  failNext(verb: Verb, name: string, error: Error = new Error(`cannot ${verb} ${name}`), times = 1): this {
    this.#failures.set(`${verb} ${name}`, { error, times })
    return this
  }

  /** Makes machines at once, for tests that begin with a fleet. */
  with(...names: string[]): this {
    for (const name of names) this.vendor.complete(this.cluster, this.vendor.begin(this.cluster, name))
    return this
  }

  async validate(): Promise<void> {
    if (this.vendor.down) throw precheckError('vendor-down', this.vendor.down.message, { hint: 'try later' })
  }

  async create(specs: readonly MachineSpec[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    await this.validate()
    return this.#each('create', specs, options, ({ name }) => {
      const existing = this.#machines.get(name)
      if (existing && existing.status !== 'new') return { machine: existing, changed: false }
      const machine = existing ?? this.vendor.begin(this.cluster, name)
      return { machine: this.vendor.complete(this.cluster, machine), changed: true }
    })
  }

  async list(): Promise<Machine[]> {
    await this.validate()
    return [...this.#machines.values()].sort((a, b) => naturalOrder(a.name, b.name))
  }

  async destroy(machines: readonly Machine[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    await this.validate()
    return this.#each('destroy', machines, options, machine => {
      const exists = this.#machines.get(machine.name)?.id === machine.id
      if (exists) this.#machines.delete(machine.name)
      return { machine, changed: exists }
    })
  }

  shutdown(machines: readonly Machine[], options?: DriverCallOptions): Promise<Outcome[]> {
    return this.#each('shutdown', machines, options, machine => this.#turn(machine, 'off'))
  }

  start(machines: readonly Machine[], options?: DriverCallOptions): Promise<Outcome[]> {
    return this.#each('start', machines, options, machine => this.#turn(machine, 'active'))
  }

  reboot(machines: readonly Machine[], options?: DriverCallOptions): Promise<Outcome[]> {
    return this.#each('reboot', machines, options, machine => ({
      ...this.#turn(machine, 'active'),
      changed: true,
    }))
  }

  resize(machines: readonly Machine[], size: string, options?: ResizeOptions): Promise<Outcome[]> {
    return this.#each('resize', machines, options, ({ name }) => {
      const machine = this.#machines.get(name)
      if (machine?.status !== 'off') throw new Error(`${name} runs`)
      const resized = { ...machine, memoryMiB: parseMemory(size) ?? 0 }
      this.#machines.set(name, resized)
      return { machine: resized, changed: resized.memoryMiB !== machine.memoryMiB }
    })
  }

  async ofSize(machines: readonly Machine[], size: string): Promise<string[]> {
    return machines.filter(({ memoryMiB }) => memoryMiB === parseMemory(size)).map(({ name }) => name)
  }

  get #machines(): Map<string, Machine> {
    return this.vendor.machinesOf(this.cluster)
  }

  #turn({ name }: Machine, status: 'active' | 'off'): { machine: Machine; changed: boolean } {
    const machine = this.#machines.get(name)
    if (!machine) throw new Error(`${name} is gone`)
    const turned = { ...machine, status }
    this.#machines.set(name, turned)
    return { machine: turned, changed: machine.status !== status }
  }

  #each<T extends { readonly name: string }>(
    verb: Verb,
    items: readonly T[],
    options: DriverCallOptions | undefined,
    act: (item: T) => { machine: Machine; changed: boolean },
  ): Promise<Outcome[]> {
    return outcomesOf(
      items,
      async item => {
        await sleep(this.vendor.delayMs)
        const call = `${verb} ${item.name}`
        this.calls.push(call)
        this.#failIfTold(call)
        return act(item)
      },
      { ...options, title: verb, concurrency: 2 },
    )
  }

  #failIfTold(call: string): void {
    const failure = this.#failures.get(call)
    if (!failure || failure.times === 0) return
    failure.times -= 1
    throw failure.error
  }
}
