import type { Clock } from '../../../src/clock.ts'
import type { Backing } from '../backing.ts'
import type { Doors } from './doors.ts'
import { hostNameOf, type Instance } from './instance.ts'

/** What happens to instances after a call was answered: they boot, stop and end in their own time. */
export interface LifeOptions {
  readonly clock: Clock
  /** What runs the instances that share these security groups, which therefore reach each other. */
  readonly backingFor: (groups: string) => Backing
  readonly doors: Doors
  /** How long a boot takes, for the first of a launch; each further one takes as much longer as `bootStepMs`. */
  readonly bootMs: number
  readonly bootStepMs: number
  /** How long it takes to stop or to end. */
  readonly stopMs: number
  /** Host names of instances that end while they boot, as on a full account. */
  readonly doomed: ReadonlySet<string>
  /** Public keys by the name of the key pair. */
  readonly keyOf: (instance: Instance) => string | undefined
}

/** In MiB, as instances that are containers have them. */
const MEMORY_MIB: Record<string, number> = { nano: 512, micro: 1024, small: 2048 }

export class Life {
  readonly #options: LifeOptions
  readonly #running = new Set<Promise<void>>()
  readonly #backings = new Map<string, Backing>()

  constructor(options: LifeOptions) {
    this.#options = options
  }

  boot(instance: Instance): void {
    const { clock, bootMs, bootStepMs, doomed } = this.#options
    this.#run(instance, 'pending', async () => {
      await clock.sleep(bootMs + instance.launchIndex * bootStepMs)
      if (doomed.has(hostNameOf(instance))) {
        const message = 'Client.VolumeLimitExceeded: Volume limit exceeded'
        return this.#ended(instance, { code: 'Client.VolumeLimitExceeded', message })
      }
      await this.#back(instance)
      this.#runs(instance)
    })
  }

  start(instance: Instance): void {
    this.#run(instance, 'pending', async () => {
      await this.#options.clock.sleep(this.#options.bootMs)
      await this.#backing(instance).start(hostNameOf(instance))
      instance.publicAddress = await this.#options.doors.open(instance.privateAddress ?? '')
      instance.launchTime = new Date()
      this.#runs(instance)
    })
  }

  stop(instance: Instance): void {
    this.#run(instance, 'stopping', async () => {
      await this.#options.clock.sleep(this.#options.stopMs)
      await this.#backing(instance).stop(hostNameOf(instance))
      await this.#closeDoor(instance)
      instance.state = 'stopped'
    })
  }

  end(instance: Instance): void {
    this.#run(instance, 'shutting-down', async () => {
      await this.#options.clock.sleep(this.#options.stopMs)
      await this.#backing(instance).destroy(hostNameOf(instance))
      await this.#closeDoor(instance)
      this.#ended(instance, { code: 'Client.UserInitiatedShutdown', message: 'User initiated shutdown' })
    })
  }

  /** Waits for what happens, and destroys everything that is left. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running)
    await Promise.all([...this.#backings.values()].map(backing => backing.close()))
  }

  #run(instance: Instance, during: Instance['state'], work: () => Promise<void>): void {
    instance.state = during
    const run = work().catch((error: unknown) => {
      this.#ended(instance, { code: 'Server.InternalError', message: `Server.InternalError: ${error}` })
    })
    this.#running.add(run)
    void run.finally(() => this.#running.delete(run))
  }

  async #back(instance: Instance): Promise<void> {
    const { doors, keyOf } = this.#options
    const backing = this.#backing(instance)
    const size = instance.type.split('.')[1] ?? ''
    const key = keyOf(instance)
    const keys = key === undefined ? [] : [key]
    const { address } = await backing.create({
      name: hostNameOf(instance),
      memoryMiB: MEMORY_MIB[size] ?? 1024,
      authorizedKeys: keys,
      userData: Buffer.from(instance.userData, 'base64').toString(),
    })
    instance.privateAddress = address
    instance.publicAddress = await doors.open(address)
    // It was terminated while it booted.
    if (instance.state !== 'pending') await backing.destroy(hostNameOf(instance))
  }

  #backing({ groups }: Instance): Backing {
    const key = groups.join()
    const backing = this.#backings.get(key) ?? this.#options.backingFor(key)
    this.#backings.set(key, backing)
    return backing
  }

  async #closeDoor(instance: Instance): Promise<void> {
    if (instance.publicAddress !== undefined) await this.#options.doors.close(instance.publicAddress)
    delete instance.publicAddress
  }

  /** Unless it was terminated while it booted, which nothing undoes. */
  #runs(instance: Instance): void {
    if (instance.state === 'pending') instance.state = 'running'
  }

  #ended(instance: Instance, stateReason: { code: string; message: string }): void {
    instance.state = 'terminated'
    instance.stateReason = stateReason
    instance.terminatedAt = this.#options.clock.now()
    delete instance.privateAddress
  }
}
