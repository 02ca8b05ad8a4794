import { parseMemory } from '../../domain/memory.ts'
import { naturalOrder } from '../../domain/natural-order.ts'
import { BeltError, usageError } from '../../errors.ts'
import type { ClusterContext, Driver, DriverCallOptions, Machine, MachineSpec, Outcome } from '../driver.ts'
import { outcomesOf, untouched } from '../outcomes.ts'
import { bringUp } from './bring-up.ts'
import {
  type LocalMachine,
  listLocalMachines,
  removeContainer,
  restartContainer,
  startContainer,
  stopContainer,
} from './container.ts'
import { Engine } from './engine.ts'
import type { MachineLabels } from './labels.ts'
import { machineFromContainer } from './machine.ts'
import { removeNetworks } from './network.ts'
import type { DockerOptions } from './options.ts'
import { type Reach, reachOf } from './reach.ts'
import { type ContainerSite, prepareContainerSite } from './site.ts'

/** More calls at once only make each one slower. */
const CONCURRENCY = 8

/**
 * Runs machines as containers, each with its own SSH server and Docker Engine. They are identified by their labels only,
 * and share a cluster network on which each has a fixed address.
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
          return { machine: await this.#toMachine(found), changed: false }
        await bringUp(this.#engine, site, labels, found?.container.Id, options.signal)
        return { machine: await this.#read(labels.name), changed: true }
      },
      { ...options, title: 'Creating machines', concurrency: CONCURRENCY },
    )
    return await this.#withWhatIsLeft(outcomes)
  }

  async list(): Promise<Machine[]> {
    const machines = await Promise.all(
      [...(await this.#machines()).values()].map(machine => this.#toMachine(machine)),
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
    const machines = await listLocalMachines(this.#engine, this.#context.cluster)
    return new Map(machines.map(machine => [machine.labels.name, machine]))
  }

  /** @throws if the machine no longer exists */
  async #read(name: string): Promise<Machine> {
    const machine = (await this.#machines()).get(name)
    if (machine) return await this.#toMachine(machine)
    throw new BeltError('machine-gone', `${name} no longer exists`, {
      host: name,
      hint: 'run belt ls to list the machines',
    })
  }

  async #toMachine(machine: LocalMachine): Promise<Machine> {
    this.#reach ??= await reachOf(this.#engine)
    return machineFromContainer(machine, this.#reach, this.#options.ssh_user)
  }

  /** @returns undefined if the signal was aborted */
  async #prepare(
    wanted: readonly MachineLabels[],
    existing: readonly LocalMachine[],
    options: DriverCallOptions,
  ): Promise<ContainerSite | undefined> {
    try {
      return await prepareContainerSite(this.#engine, this.#options, this.#context, wanted, existing, options)
    } catch (error) {
      if (options.signal?.aborted) return undefined
      throw error
    }
  }

  /** Adds partly created machines to failures if they can be read, and removes the network if no machine is left. */
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
  throw usageError('bad-size', `invalid size ${size} for ${name}`, {
    hint: 'the size of a local machine is an amount of memory, such as 512mb or 2gb',
  })
}
