import { setTimeout as sleep } from 'node:timers/promises'
import { quorumOf } from '../../src/domain/quorum.ts'
import type { Machine } from '../../src/drivers/driver.ts'
import { HostError } from '../../src/hosts/errors.ts'
import type { Host, Result, RunOptions } from '../../src/hosts/host.ts'
import type { Fleet } from '../../src/operations/fleet.ts'
import { groupOf } from '../../src/operations/swarm/view.ts'
import type { Command } from '../../src/remote/command.ts'
import { FakeDriver } from './fake-driver.ts'
import { fakeFleet, fakeLock, remembered } from './fake-fleet.ts'
import { FakeHost, type Reply } from './fake-host.ts'
import { FakeSwarm } from './fake-swarm.ts'

/** How long a machine takes to start, in milliseconds. */
const START_MS = 30

/** What a driver changes. */
const CHANGES = ['create', 'destroy', 'shutdown', 'start', 'reboot', 'resize']

/** A Belt that was killed: nothing it does any more reaches anything. */
export class Killed extends Error {}

interface Site {
  boot: number
  engine: string
  /** The version of the engine's package that was fetched. */
  downloaded: string | undefined
  isHeld: boolean
  freeMiB: number
  skewMs: number
  liveRestore: boolean
}

/** Machines that are nodes of a swarm, and can be stopped, started, resized, and given another engine. */
export class FakeSite {
  readonly swarm = new FakeSwarm()
  readonly driver: FakeDriver
  /** What was done to machines, such as `mg1 reboot`, in order. */
  readonly acts: string[] = []
  /** When fewer managers were reachable than the Raft group needs, and what had been done last. */
  readonly lossesOfQuorum: string[] = []
  /** How many events the Belt with the most had: each change that it asks for has one before it and one after it. */
  events = 0
  /** Told of each command before it reaches its host, to have something happen. */
  before: (name: string, line: string) => void = () => {}
  /** Machines that do not come back when they are started. */
  readonly dead = new Set<string>()
  readonly #sites = new Map<string, Site>()
  readonly #hosts = new Map<string, FakeHost>()

  constructor(managers: number, workers: number) {
    this.driver = new PoweredDriver(this)
    const names = [
      ...Array.from({ length: managers }, (_, index) => `mg${index}`),
      ...Array.from({ length: workers }, (_, index) => `node${index + 1}`),
    ]
    this.driver.with(...names)
    for (const name of names) this.swarm.enrol(name, name.startsWith('mg') ? 'manager' : 'worker')
  }

  site(name: string): Site {
    const known = this.#sites.get(name)
    if (known) return known
    const site = {
      boot: 1,
      engine: '20.10.24',
      downloaded: undefined,
      isHeld: false,
      freeMiB: 20_000,
      skewMs: 0,
      liveRestore: false,
    }
    this.#sites.set(name, site)
    return site
  }

  /** What an operator's Belt sees. @param killAt after how many events it is killed: nothing reaches anything then */
  fleet(killAt = Number.POSITIVE_INFINITY, holder = 'alice@laptop'): Fleet {
    let events = 0
    const life = new AbortController()
    const tick = (isChange: boolean) => {
      this.#watchQuorum()
      life.signal.throwIfAborted()
      if (!isChange) return
      events += 1
      this.events = Math.max(this.events, events)
      if (events <= killAt) return
      life.abort(new Killed())
      throw life.signal.reason
    }
    const driver = new Proxy(this.driver, {
      get: (target, key) => {
        const value = Reflect.get(target, key)
        if (typeof value !== 'function') return value
        return async (...words: unknown[]) => {
          const isChange = CHANGES.includes(String(key))
          tick(isChange)
          const result = await value.apply(target, words)
          tick(isChange)
          return result
        }
      },
    })
    const fleet = fakeFleet(driver, name => this.host(name), {
      lock: fakeLock(holder),
      activeHost: remembered('mg0'),
      signal: life.signal,
    })
    return { ...fleet, host: machine => watched(this.host(machine.name), tick) }
  }

  host(name: string): FakeHost {
    const known = this.#hosts.get(name)
    if (known) return known
    const host = new FakeHost(name, (line, input, command) => {
      const down = this.swarm.host(name).down
      if (down) throw down
      this.before(name, line)
      return this.#own(name, line) ?? this.swarm.host(name).run({ ...command, stdin: input })
    })
    this.#hosts.set(name, host)
    return host
  }

  /** Takes a machine down, as a power cut does. */
  down(name: string): void {
    this.swarm.lose(name, new HostError('unreachable', name, `${name}: no route to host`))
    if (this.swarm.node(name).isLeader) this.#elect(name)
  }

  async up(name: string): Promise<void> {
    if (this.dead.has(name)) return
    await sleep(START_MS)
    this.site(name).boot += 1
    this.swarm.host(name).down = undefined
    const node = this.swarm.node(name)
    this.swarm.change(node.id, {
      state: 'ready',
      ...(node.reachability && { reachability: 'reachable' as const }),
    })
  }

  #elect(name: string): void {
    const next = this.swarm
      .nodes()
      .find(({ hostname, reachability }) => hostname !== name && reachability === 'reachable')
    if (!next) return
    this.swarm.change(this.swarm.node(name).id, { isLeader: false })
    this.swarm.change(next.id, { isLeader: true })
  }

  #own(name: string, line: string): Reply | Promise<Reply> | undefined {
    const site = this.site(name)
    if (line.includes("printf 'clock")) return { stdout: this.#facts(site) }
    if (line.startsWith('echo "$(cat /proc')) return { stdout: `boot-${site.boot}\n` }
    if (line === "docker version --format '{{.Server.Version}}'") return { stdout: `${site.engine}\n` }
    if (line.includes('apt-cache madison'))
      return {
        stdout:
          'manager apt\nname docker-ce\nversion 5:23.0.1-1~debian.12~bookworm\nversion 5:20.10.24-1~debian.12~bookworm\n',
      }
    if (line.includes('apt-mark showhold')) return { stdout: this.#installed(site) }
    if (line.startsWith('apt-mark hold')) return this.#hold(name)
    const version = /docker-ce=5:([0-9.]+)-/.exec(line)?.[1]
    if (version && line.includes('--download-only')) return this.#download(name, version)
    if (version) return this.#install(name, version)
    if (line.startsWith('tail') || line.includes('journalctl'))
      return { stdout: 'level=info msg="API listen"\n' }
    if (line === 'true') return {}
    if (line.startsWith('maintain')) return this.#act(name, line)
    return undefined
  }

  #facts({ skewMs, boot, liveRestore, freeMiB }: Site): string {
    return `clock ${Date.now() + skewMs}\nboot boot-${boot}\nlive-restore ${liveRestore}\nfree ${freeMiB * 1024}\n`
  }

  #installed({ engine, isHeld }: Site): string {
    return `manager apt\nname docker-ce\nversion 5:${engine}-1~debian.12~bookworm\n${isHeld ? 'held yes\n' : ''}`
  }

  #hold(name: string): Reply {
    this.site(name).isHeld = true
    return this.#act(name, 'hold')
  }

  #download(name: string, version: string): Reply {
    this.site(name).downloaded = version
    return {}
  }

  #install(name: string, version: string): Reply {
    if (this.site(name).downloaded !== version)
      return { code: 100, stderr: 'E: Unable to fetch some archives, maybe run apt-get update?\n' }
    Object.assign(this.site(name), { engine: version, isHeld: true })
    this.swarm.change(this.swarm.node(name).id, { engineVersion: version })
    return this.#act(name, 'install')
  }

  #act(name: string, what: string): Reply {
    this.acts.push(`${name} ${what}`)
    return {}
  }

  #watchQuorum(): void {
    const { managers, reachable } = groupOf(this.swarm.nodes())
    if (reachable < quorumOf(managers))
      this.lossesOfQuorum.push(`${reachable} of ${managers} after ${this.acts.at(-1)}`)
  }
}

/** A driver whose power reaches the hosts. */
class PoweredDriver extends FakeDriver {
  readonly #site: FakeSite

  constructor(site: FakeSite) {
    super()
    this.#site = site
  }

  override async shutdown(machines: readonly Machine[]) {
    for (const { name } of machines) if (this.#isOn(name)) this.#site.down(name)
    return super.shutdown(machines)
  }

  override async start(machines: readonly Machine[]) {
    for (const { name } of machines) if (!this.#isOn(name)) await this.#site.up(name)
    return super.start(machines)
  }

  override async reboot(machines: readonly Machine[]) {
    for (const { name } of machines) {
      this.#site.acts.push(`${name} reboot`)
      this.#site.down(name)
      await this.#site.up(name)
    }
    return super.reboot(machines)
  }

  override async resize(machines: readonly Machine[], size: string) {
    for (const { name } of machines) this.#site.acts.push(`${name} resize`)
    return super.resize(machines, size)
  }

  #isOn(name: string): boolean {
    return this.#site.swarm.host(name).down === undefined
  }
}

/** A host of whose changes each beginning and each answer is an event. */
function watched(host: FakeHost, tick: (isChange: boolean) => void): Host {
  return new Proxy(host, {
    get(target, key) {
      if (key !== 'run') {
        const value = Reflect.get(target, key)
        return typeof value === 'function' ? value.bind(target) : value
      }
      return async (command: Command, options?: RunOptions): Promise<Result> => {
        const isChange = command.journaled !== false
        tick(isChange)
        const result = await target.run(command, options)
        tick(isChange)
        return result
      }
    },
  })
}
