import { type Clock, clockAt } from '../../clock.ts'
import { naturalOrder } from '../../domain/natural-order.ts'
import { BeltError, precheckError } from '../../errors.ts'
import type {
  ClusterContext,
  Driver,
  DriverCallOptions,
  Machine,
  MachineSpec,
  Outcome,
  ResizeOptions,
} from '../driver.ts'
import { failure, outcomesOf, untouched } from '../outcomes.ts'
import { createInstances } from './create.ts'
import { destroyInstances } from './destroy.ts'
import type { Ec2 } from './ec2.ts'
import { byRegion, type Located, type LocatedOutcome, locate, locateAll } from './fleet.ts'
import { hasEnded } from './instances.ts'
import { machineFromInstance } from './machine.ts'
import { MemoryOfTypes } from './memory-of-types.ts'
import type { Ec2Options } from './options.ts'
import { changePower, type InstancePowerChange, REBOOT, SHUTDOWN, START } from './power.ts'
import { openRegions } from './regions.ts'
import { resizeInstance } from './resize.ts'
import { instanceType } from './sizes.ts'

/** Each resize is a separate call, and EC2 allows five of them per second. */
const RESIZES_AT_ONCE = 8

/**
 * Runs machines as Amazon EC2 instances. They are identified by the cluster's tag, in the regions that the config names.
 * They use their private addresses among each other, because public addresses change with every stop.
 */
export class Ec2Driver implements Driver {
  readonly name = 'ec2'
  readonly destroyVerb = 'destroy'
  readonly listPauseMs = 5000
  readonly listLagMs = 30_000
  readonly #options: Ec2Options
  readonly #context: ClusterContext
  readonly #clock: Clock
  readonly #memory = new MemoryOfTypes()
  #opened: Promise<Ec2[]> | undefined

  constructor(options: Ec2Options, context: ClusterContext, clock: Clock = clockAt(1)) {
    this.#options = options
    this.#context = context
    this.#clock = clock
  }

  async validate({ signal }: DriverCallOptions = {}): Promise<void> {
    try {
      await this.#all(signal)
    } catch (error) {
      if (!(error instanceof BeltError)) throw error
      const { code, message, hint = 'run belt cluster config to see the options', details = {} } = error
      throw precheckError(code, message, { hint, details, cause: error })
    }
  }

  create(specs: readonly MachineSpec[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    return this.#create(specs, undefined, options)
  }

  createWithScript(
    specs: readonly MachineSpec[],
    script: string,
    options: DriverCallOptions = {},
  ): Promise<Outcome[]> {
    return this.#create(specs, script, options)
  }

  async #create(
    specs: readonly MachineSpec[],
    script: string | undefined,
    options: DriverCallOptions,
  ): Promise<Outcome[]> {
    const { signal } = options
    const distinct = [...new Map(specs.map(spec => [spec.name, spec])).values()]
    if (distinct.length === 0) return []
    const outcomes = await unlessAborted(signal, async () =>
      createInstances(distinct, await this.#regions(), this.#options, this.#context, { ...options, script }),
    )
    if (!outcomes) return untouched(distinct)
    return await this.#outcomes(distinct, ({ name }) => outcomes.get(name), signal)
  }

  async list({ signal }: DriverCallOptions = {}): Promise<Machine[]> {
    const alive = (await this.#all(signal)).filter(({ instance }) => !hasEnded(instance))
    const machines = await this.#toMachines(alive)
    return [...machines.values()].sort((a, b) => naturalOrder(a.name, b.name))
  }

  async destroy(machines: readonly Machine[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    const { signal } = options
    if (machines.length === 0) return []
    const outcomes = await unlessAborted(signal, async () =>
      destroyInstances(
        machines,
        await this.#regions(),
        await this.#locate(machines, signal),
        this.#context.cluster,
        options,
      ),
    )
    if (!outcomes) return untouched(machines)
    return machines.map(machine => {
      const { error, changed = false } = outcomes.get(machine.id) ?? {}
      if (error) return { ...failure(machine.name, error, signal), machine }
      return { name: machine.name, ok: true, machine, changed }
    })
  }

  shutdown(machines: readonly Machine[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    return this.#power(machines, SHUTDOWN, options)
  }

  /** Instances keep their private addresses but get new public ones. */
  start(machines: readonly Machine[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    return this.#power(machines, START, options)
  }

  reboot(machines: readonly Machine[], options: DriverCallOptions = {}): Promise<Outcome[]> {
    return this.#power(machines, REBOOT, options)
  }

  /** Never changes the disk: no instance type that Belt chooses has local storage. */
  async resize(machines: readonly Machine[], size: string, options: ResizeOptions = {}): Promise<Outcome[]> {
    const type = instanceType(size)
    if (type !== size) options.progress?.note(`${size} is ${type}`)
    const located = await unlessAborted(options.signal, () => this.#locate(machines, options.signal))
    if (!located) return untouched(machines)
    return await outcomesOf(
      machines,
      async ({ id, name }) => {
        const { changed, ...resized } = await resizeInstance(name, located.get(id), type, options.signal)
        const machine = (await this.#toMachines([resized])).get(id)
        return { machine: machine as Machine, changed }
      },
      { ...options, title: 'Resizing machines', concurrency: RESIZES_AT_ONCE },
    )
  }

  async ofSize(
    machines: readonly Machine[],
    size: string,
    { signal }: DriverCallOptions = {},
  ): Promise<string[]> {
    const type = instanceType(size)
    const located = await this.#locate(machines, signal)
    return machines
      .filter(({ id }) => located.get(id)?.instance.InstanceType === type)
      .map(({ name }) => name)
  }

  async #power(
    machines: readonly Machine[],
    change: InstancePowerChange,
    options: DriverCallOptions,
  ): Promise<Outcome[]> {
    const { signal } = options
    const outcomes = await unlessAborted(signal, async () =>
      changePower(machines, await this.#locate(machines, signal), change, this.#context.cluster, options),
    )
    if (!outcomes) return untouched(machines)
    return await this.#outcomes(machines, ({ id }) => outcomes.get(id), signal)
  }

  async #outcomes<T extends { readonly name: string; readonly id?: string }>(
    items: readonly T[],
    outcomeOf: (item: T) => LocatedOutcome | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Outcome[]> {
    const located = items.flatMap(item => {
      const { ec2, instance } = outcomeOf(item) ?? {}
      return ec2 && instance && !hasEnded(instance) ? [{ ec2, instance }] : []
    })
    const machines = await this.#toMachines(located)
    return items.map(item => {
      const { name } = item
      const { instance, error, changed = false } = outcomeOf(item) ?? {}
      const machine = machines.get(instance?.InstanceId ?? '')
      if (machine && !error) return { name, ok: true, machine, changed }
      return { ...failure(name, error ?? signal?.reason, signal), ...(machine && { machine }) }
    })
  }

  /** Converts instances to machines, by id. */
  async #toMachines(located: readonly Located[]): Promise<Map<string, Machine>> {
    const machines = await Promise.all(
      byRegion(located).map(async ([ec2, group]) => {
        const instances = group.map(({ instance }) => instance)
        const memory = await this.#memory.among(ec2, instances)
        const context = { region: ec2.region, user: this.#options.ssh_user, memory }
        return instances.map(instance => machineFromInstance(instance, context))
      }),
    )
    return new Map(machines.flat().map(machine => [machine.id, machine]))
  }

  async #all(signal: AbortSignal | undefined): Promise<Located[]> {
    return await locateAll(await this.#regions(), this.#context.cluster, signal)
  }

  async #locate(
    machines: readonly Machine[],
    signal: AbortSignal | undefined,
  ): Promise<Map<string, Located>> {
    return await locate(machines, await this.#regions(), this.#context.cluster, this.#clock, signal)
  }

  #regions(): Promise<Ec2[]> {
    this.#opened ??= openRegions(this.#options, this.#clock)
    return this.#opened
  }
}

/** @returns undefined if the signal was aborted before anything was done */
async function unlessAborted<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T | undefined> {
  if (signal?.aborted) return undefined
  try {
    return await work()
  } catch (error) {
    if (signal?.aborted) return undefined
    throw error
  }
}
