import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import pLimit from 'p-limit'
import { DockerDriver } from '../../src/drivers/docker/driver.ts'
import { dockerOptions } from '../../src/drivers/docker/options.ts'
import type { Driver, Machine, Outcome } from '../../src/drivers/driver.ts'
import { scriptsOf } from './cloud-init.ts'

export interface MachineOrder {
  readonly name: string
  readonly memoryMiB: number
  readonly authorizedKeys: readonly string[]
  /** What cloud-init gets at the first start. */
  readonly userData?: string | undefined
}

/**
 * What an emulated cloud runs its machines on. Names are unique among those that are there. A name may begin with a
 * group and a slash: then only machines of that group share a network with it.
 */
export interface Backing {
  /** Makes a machine and starts it; resolves with its IPv4 address, which it keeps. */
  create(order: MachineOrder): Promise<{ address: string }>
  stop(name: string): Promise<void>
  start(name: string): Promise<void>
  destroy(name: string): Promise<void>
  /** Destroys everything that is left. */
  close(): Promise<void>
}

/** Machines that are addresses and nothing else: for thousands of them. */
export class MemoryBacking implements Backing {
  #made = 0

  async create(): Promise<{ address: string }> {
    this.#made += 1
    return { address: `10.${(this.#made >> 16) & 255}.${(this.#made >> 8) & 255}.${this.#made & 255}` }
  }

  async stop(): Promise<void> {}
  async start(): Promise<void> {}
  async destroy(): Promise<void> {}
  async close(): Promise<void> {}
}

/**
 * Machines that are containers on the Docker Engine, with sshd and dockerd: SSH answers at the address, port 22. What
 * is asked is done one after the other, so that a name is free again once its destruction was asked for.
 */
export class ContainerBacking implements Backing {
  readonly cluster = `t${randomBytes(4).toString('hex')}`
  /** What a machine runs at its first start before anything of its user data. */
  imageScripts: readonly string[] = []
  readonly #user: string
  readonly #turn = pLimit(1)
  readonly #machines = new Map<string, Machine>()
  readonly #groups = new Set<string>()

  /** @param user whom the authorised keys let in */
  constructor(user = 'root') {
    this.#user = user
  }

  create({ name, memoryMiB, authorizedKeys, userData = '' }: MachineOrder): Promise<{ address: string }> {
    return this.#turn(async () => {
      const hostname = name.split('/').at(-1) ?? name
      const driver = this.#driver(name, authorizedKeys)
      const machine = theOne(await driver.create([{ name: hostname, size: `${memoryMiB}mb` }]))
      if (machine.privateAddress === undefined) throw new Error(`${name} has no address`)
      this.#machines.set(name, machine)
      for (const script of [...this.imageScripts, ...scriptsOf(userData)])
        await this.#runAtFirstStart(machine, script)
      return { address: machine.privateAddress }
    })
  }

  stop(name: string): Promise<void> {
    return this.#change(name, (driver, machine) => driver.shutdown?.([machine]))
  }

  start(name: string): Promise<void> {
    return this.#change(name, (driver, machine) => driver.start?.([machine]))
  }

  async destroy(name: string): Promise<void> {
    await this.#change(name, (driver, machine) => driver.destroy([machine]))
    this.#machines.delete(name)
  }

  close(): Promise<void> {
    return this.#turn(async () => {
      for (const group of this.#groups) {
        const driver = this.#driver(group)
        await driver.destroy(await driver.list())
      }
      this.#machines.clear()
    })
  }

  /** As cloud-init does: as root, from a file that only root reads, and whatever comes of it the machine is up. */
  async #runAtFirstStart({ id }: Machine, script: string): Promise<void> {
    const file = '/var/lib/cloud/instance/scripts/part'
    const line = `umask 077 && mkdir -p ${dirname(file)} && cat >${file} && chmod 700 ${file} && ${file} || true`
    const run = promisify(execFile)('docker', ['exec', '-i', id, 'sh', '-c', line])
    run.child.stdin?.end(script)
    await run
  }

  #change(
    name: string,
    act: (driver: Driver, machine: Machine) => Promise<Outcome[]> | undefined,
  ): Promise<void> {
    return this.#turn(async () => {
      const machine = this.#machines.get(name)
      if (machine) theOne((await act(this.#driver(name), machine)) ?? [])
    })
  }

  #driver(name: string, authorizedKeys: readonly string[] = []): Driver {
    const group = name.includes('/') ? name.slice(0, name.indexOf('/') + 1) : ''
    this.#groups.add(group)
    const options = dockerOptions.parse({ ssh_user: this.#user, host: process.env.DOCKER_HOST })
    return new DockerDriver(options, {
      cluster: [this.cluster, ...group.split('/').filter(Boolean)].join('-'),
      publicKeys: async () => [...authorizedKeys],
    })
  }
}

function theOne([outcome]: readonly Outcome[]): Machine {
  if (outcome?.ok) return outcome.machine
  throw outcome?.error ?? new Error('the driver cannot do that')
}
