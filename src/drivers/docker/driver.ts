import { parseMemory } from '../../domain/memory.ts'
import { naturalOrder } from '../../domain/natural-order.ts'
import { BeltError, usageError } from '../../errors.ts'
import type { ClusterContext, Driver, DriverCallOptions, Machine, MachineSpec, Outcome } from '../driver.ts'
import { outcomesOf, untouched } from '../outcomes.ts'
import { bringUp } from './bring-up.ts'
import {
  type LocalMachine,
  listMachines,
  removeContainer,
  restartContainer,
  startContainer,
  stopContainer,
} from './container.ts'
import { Engine } from './engine.ts'
import type { MachineLabels } from './labels.ts'
import { machineOf } from './machine.ts'
import { removeNetworks } from './network.ts'
import type { DockerOptions } from './options.ts'
import { type Reach, reachOf } from './reach.ts'
import { prepareSite, type Site } from './site.ts'

/** An engine that is asked for more at once only takes longer for each. */
const CONCURRENCY = 8

/**
 * Machines that are containers, each with an SSH server and a Docker Engine of its own. They are found by their
 * labels alone, and share a network of the cluster on which each has a fixed address.
 */
export class DockerDriver implements Driver {
  readonly name = 'docker'
  readonly destroyVerb = 'destroy'
  readonly #engine: Engine
  readonly #options: DockerOptions
  readonly #context: ClusterContext
  #reach: Reach | undefined

  constructor(options: DockerOptions, context: ClusterContext) {
    this.#engine = new Engine(options.host)
    this.#options = options
    this.#context = context
  }

  async validate(): Promise<void> {
    await this.#engine.facts()
  }

  async create(specs: readonly MachineSpec[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    const wanted = specs.map(spec => labelsOf(spec, this.#options))
    if (wanted.length === 0) return []
    const existing = await this.#machines()
    const site = await this.#prepare(wanted, [...existing.values()], options)
    if (!site) return untouched(specs)
    const outcomes = await outcomesOf(
      wanted,
      async labels => {
        const found = existing.get(labels.name)
        if (found && found.container.State !== 'created')
          return { machine: await this.#told(found), changed: false }
        await bringUp(this.#engine, site, labels, found?.container.Id, options.signal)
        return { machine: await this.#read(labels.name), changed: true }
      },
      { ...options, title: 'Creating machines', concurrency: CONCURRENCY },
    )
    return await this.#withWhatIsLeft(outcomes)
  }

  async list(): Promise<Machine[]> {
    const machines = await Promise.all(
      [...(await this.#machines()).values()].map(machine => this.#told(machine)),
    )
    return machines.sort((a, b) => naturalOrder(a.name, b.name))
  }

  async destroy(machines: readonly Machine[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    const ids = new Set([...(await this.#machines()).values()].map(({ container }) => container.Id))
    const outcomes = await outcomesOf(
      machines,
      async machine => {
        const { id, name } = machine
        return { machine, changed: ids.has(id) && (await removeContainer(this.#engine, id, name)) }
      },
      { ...options, title: 'Destroying machines', concurrency: CONCURRENCY },
    )
    if ((await this.#machines()).size === 0) await removeNetworks(this.#engine, this.#context.cluster)
    return outcomes
  }

  shutdown(machines: readonly Machine[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    return this.#power(machines, 'Stopping machines', options, stopContainer)
  }

  start(machines: readonly Machine[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    return this.#power(machines, 'Starting machines', options, startContainer)
  }

  reboot(machines: readonly Machine[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    return this.#power(machines, 'Restarting machines', options, restartContainer)
  }

  #power(
    machines: readonly Machine[],
    title: string,
    options: DriverCallOptions,
    change: (engine: Engine, id: string, name: string) => Promise<boolean>,
  ): Promise<Outcome[]> {
    return outcomesOf(
      machines,
      async ({ id, name }) => {
        const changed = await change(this.#engine, id, name)
        return { machine: await this.#read(name), changed }
      },
      { ...options, title, concurrency: CONCURRENCY },
    )
  }

  async #machines(): Promise<Map<string, LocalMachine>> {
    const machines = await listMachines(this.#engine, this.#context.cluster)
    return new Map(machines.map(machine => [machine.labels.name, machine]))
  }

  /** @throws when the machine is gone */
  async #read(name: string): Promise<Machine> {
    const machine = (await this.#machines()).get(name)
    if (machine) return await this.#told(machine)
    throw new BeltError('machine-gone', `${name} is gone`, {
      host: name,
      hint: 'belt ls shows what there is',
    })
  }

  async #told(machine: LocalMachine): Promise<Machine> {
    this.#reach ??= await reachOf(this.#engine)
    return machineOf(machine, this.#reach, this.#options.ssh_user)
  }

  /** @returns undefined when the signal was aborted meanwhile */
  async #prepare(
    wanted: readonly MachineLabels[],
    existing: readonly LocalMachine[],
    options: DriverCallOptions,
  ): Promise<Site | undefined> {
    try {
      return await prepareSite(this.#engine, this.#options, this.#context, wanted, existing, options)
    } catch (error) {
      if (options.signal?.aborted) return undefined
      throw error
    }
  }

  /** Adds to failures what there is of their machines, as far as that can be read, and clears up where there is none. */
  async #withWhatIsLeft(outcomes: Outcome[]): Promise<Outcome[]> {
    if (outcomes.every(outcome => outcome.ok)) return outcomes
    try {
      const left = new Map((await this.list()).map(machine => [machine.name, machine]))
      if (left.size === 0) await removeNetworks(this.#engine, this.#context.cluster)
      return outcomes.map(outcome => {
        const machine = left.get(outcome.name)
        return outcome.ok || !machine ? outcome : { ...outcome, machine }
      })
    } catch {
      return outcomes
    }
  }
}

function labelsOf({ name, size, region }: MachineSpec, options: DockerOptions): MachineLabels {
  const memoryMiB = parseMemory(size)
  if (memoryMiB !== undefined) return { name, memoryMiB, region: region ?? options.region }
  throw usageError('bad-size', `the docker driver has no size ${size}, which ${name} is to have`, {
    hint: 'a local machine has an amount of memory for its size, such as 512mb or 2gb',
  })
}
