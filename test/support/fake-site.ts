import { quorumOf } from '../../src/domain/quorum.ts'
import type { Machine } from '../../src/drivers/driver.ts'
import { HostError } from '../../src/hosts/errors.ts'
import type { Host, Result, RunOptions } from '../../src/hosts/host.ts'
import type { Fleet } from '../../src/operations/fleet.ts'
import { groupOf } from '../../src/operations/swarm/quorum-guard.ts'
import type { Command } from '../../src/remote/command.ts'
import { FakeDriver } from './fake-driver.ts'
import { fakeFleet, fakeLock, remembered } from './fake-fleet.ts'
import { FakeHost, type Reply, withInput } from './fake-host.ts'
import { FakeSwarm } from './fake-swarm.ts'
import { FlyingClock } from './flying-clock.ts'

/** How long a machine takes to start, in milliseconds. */
const START_MS = 10_000

/** What a driver changes. */
const CHANGES = ['create', 'destroy', 'shutdown', 'start', 'reboot', 'resize']

/** So many commands may lie between a last look at the managers and what follows from it: nobody sees what happens there. */
const UNSEEN_COMMANDS = 8

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
  readonly clock = new FlyingClock()
  readonly driver: FakeDriver
  /** What was done to machines, such as `mg1 reboot`, in order. */
  readonly acts: string[] = []
  /** When what Belt did left fewer managers reachable than the Raft group needs, and what had been done last. */
  readonly lossesOfQuorum: string[] = []
  /** How many events the Belt with the most had: each change that it asks for has one before it and one after it. */
  events = 0
  /** Told of each command before it reaches its host, to have something happen. */
  before: (name: string, line: string, input: Buffer) => void = () => {}
  /** Told of each command when it has been done, before its answer is sent. */
  after: (name: string, line: string) => void = () => {}
  /** What hosts say of their settings and networks, as `engineSurroundingsCommand` prints it. */
  surroundings = ''
  /** Machines that do not come back when they are started. */
  readonly dead = new Set<string>()
  readonly #sites = new Map<string, Site>()
  readonly #hosts = new Map<string, FakeHost>()
  #hadQuorum = true
  #commandsSinceFate = Number.POSITIVE_INFINITY

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
      clock: this.clock,
    })
    return { ...fleet, host: machine => watched(this.host(machine.name), tick) }
  }

  host(name: string): FakeHost {
    const known = this.#hosts.get(name)
    if (known) return known
    const host = new FakeHost(name, async (line, input, command) => {
      this.#refuseDown(name)
      this.before(name, line, input)
      this.#refuseDown(name)
      this.#commandsSinceFate += 1
      this.#govern()
      this.#watchDemotion(line)
      const reply =
        (await this.#own(name, line)) ?? (await this.swarm.host(name).run(withInput(command, input)))
      this.after(name, line)
      return reply
    })
    this.#hosts.set(name, host)
    return host
  }

  #refuseDown(name: string): void {
    const { down } = this.swarm.host(name)
    if (down) throw down
  }

  /** Has something happen that is none of Belt's doing: that the quorum is lost by it counts for nothing. */
  byFate(happen: () => void): void {
    this.#watchQuorum()
    happen()
    this.#hadQuorum = this.#hasQuorum
  }

  /** Takes a machine down for good. */
  strike(name: string): void {
    this.dead.add(name)
    if (!this.swarm.host(name).down) this.#commandsSinceFate = 0
    this.byFate(() => this.down(name))
  }

  /** Brings back a machine that was taken down for good, unless it has been switched off meanwhile. */
  mend(name: string): void {
    this.dead.delete(name)
    const { vendor, cluster } = this.driver
    const isOn = vendor.machinesOf(cluster).get(name)?.status === 'active'
    if (isOn) this.byFate(() => this.#rise(name))
  }

  /** Takes a machine down, as Belt does. */
  stop(name: string): void {
    this.down(name)
    this.#watchQuorum()
  }

  /** Takes a machine down, as a power cut does. */
  down(name: string): void {
    this.swarm.lose(name, new HostError('unreachable', name, `${name}: no route to host`))
    if (this.swarm.node(name).isLeader) this.#elect(name)
  }

  async up(name: string): Promise<void> {
    await this.clock.sleep(START_MS)
    if (!this.dead.has(name)) this.#rise(name)
  }

  #rise(name: string): void {
    this.site(name).boot += 1
    this.swarm.host(name).down = undefined
    const node = this.swarm.node(name)
    this.swarm.change(node.id, {
      state: 'ready',
      ...(node.reachability && { reachability: 'reachable' as const }),
    })
  }

  /** The managers have a leader as soon as, and as long as, enough of them are reachable. */
  #govern(): void {
    this.swarm.leaderless = !this.#hasQuorum
    const leader = this.swarm.nodes().find(({ isLeader }) => isLeader)
    if (this.#hasQuorum && leader && leader.reachability !== 'reachable') this.#elect(leader.hostname)
  }

  /** The swarm itself would refuse it, or put it off: that is nothing to rely upon. */
  #watchDemotion(line: string): void {
    const id = /^docker node demote (\S+)$/.exec(line)?.[1]
    const others = this.swarm.nodes().filter(node => node.id !== id && node.reachability !== undefined)
    const isMember = this.swarm.nodes().some(node => node.id === id && node.reachability !== undefined)
    const reachable = others.filter(({ reachability }) => reachability === 'reachable').length
    if (isMember && this.#hasQuorum && reachable < quorumOf(others.length))
      this.#noteLoss(`${reachable} of ${others.length} would be left by: ${line}`)
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
    if (line.includes('firewall-backend')) return { stdout: this.surroundings }
    if (line === 'command -v docker') return { stdout: '/usr/bin/docker\n' }
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
    if (line.startsWith('maintain')) return this.#restartEngine(name, line)
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
    return this.#restartEngine(name, 'install')
  }

  #act(name: string, what: string): Reply {
    this.acts.push(`${name} ${what}`)
    return {}
  }

  /** The engine is away for a moment, and with it the manager that it may be. */
  #restartEngine(name: string, what: string): Reply {
    const reply = this.#act(name, what)
    const { id, reachability } = this.swarm.node(name)
    if (reachability === undefined) return reply
    this.swarm.change(id, { reachability: 'unreachable' })
    this.#watchQuorum()
    this.swarm.change(id, { reachability })
    this.#hadQuorum = this.#hasQuorum
    return reply
  }

  get #hasQuorum(): boolean {
    const { managers, reachable } = groupOf(this.swarm.nodes())
    return reachable >= quorumOf(managers)
  }

  #watchQuorum(): void {
    const { managers, reachable } = groupOf(this.swarm.nodes())
    if (this.#hadQuorum && !this.#hasQuorum)
      this.#noteLoss(`${reachable} of ${managers} after ${this.acts.at(-1)}`)
    this.#hadQuorum = this.#hasQuorum
  }

  #noteLoss(loss: string): void {
    if (this.#commandsSinceFate > UNSEEN_COMMANDS) this.lossesOfQuorum.push(loss)
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
    for (const { name } of machines) if (this.#isOn(name)) this.#site.stop(name)
    return super.shutdown(machines)
  }

  override async start(machines: readonly Machine[]) {
    for (const { name } of machines) if (!this.#isOn(name)) await this.#site.up(name)
    return super.start(machines)
  }

  override async reboot(machines: readonly Machine[]) {
    for (const { name } of machines) {
      this.#site.acts.push(`${name} reboot`)
      this.#site.stop(name)
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
