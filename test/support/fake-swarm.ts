import { type Clock, systemClock } from '../../src/clock.ts'
import type { HostError } from '../../src/hosts/errors.ts'
import type { Command } from '../../src/remote/command.ts'
import type { Node } from '../../src/remote/nodes.ts'
import {
  hostFacts,
  isMembershipRead,
  membership,
  NO_ENGINE,
  NO_LEADER,
  NO_SOCKET,
  NOT_A_MANAGER,
  printed,
  printedState,
  refused,
} from './engine-answers.ts'
import { certificate } from './fake-certificates.ts'
import { FakeConfigs } from './fake-configs.ts'
import { FakeHost, type Reply } from './fake-host.ts'
import { answer, FakeServices } from './fake-services.ts'

interface Member {
  readonly host: FakeHost
  state: 'inactive' | 'pending' | 'active' | 'locked' | 'error'
  nodeId: string | undefined
  /** The swarm that it believes to be in. */
  clusterId: string | undefined
  role: 'worker' | 'manager'
  /** What its engine complains of. */
  error?: string
  /** The node that its certificate names, if its engine does not say which one it is. */
  certificateOf?: string
  /** Its only address, if that is not the one that its node advertises. */
  movedTo?: string
}

/** How a join goes wrong. */
export type JoinFault =
  /** A manager that nobody reaches back leaves a node on the list that never becomes one. */
  | { readonly refusal: string; readonly leavesGhost?: boolean }
  /** The engine answers with a time-out, and the join goes on; it ends after so many reads of the state. */
  | { readonly endsAfterReads: number }
  /** The same, and it comes to nothing; another join ends well. */
  | { readonly givesUp: string }
  /** The host joins, and the managers never see it ready. */
  | 'never-ready'

/** Hosts whose engines know swarms as far as Belt asks about them. */
export class FakeSwarm {
  readonly #members = new Map<string, Member>()
  readonly #nodes = new Map<string, Node>()
  readonly faults = new Map<string, JoinFault>()
  /** Hosts whose role never becomes what the managers say. */
  readonly stubborn = new Set<string>()
  /** How often the nodes are listed until a manager that is demoted is no member of the Raft group any more. */
  listsUntilDemoted = 0
  readonly #leaving = new Map<string, number>()
  /** How often the nodes are listed until a new leader knows how they are; those that were down, it takes for down. */
  listsUntilKnown = 0
  readonly services = new FakeServices(() => this.nodes())
  readonly configs = new FakeConfigs()
  /** The containers and the volumes of hosts, as their engines print them. */
  readonly containers = new Map<string, readonly object[]>()
  readonly volumes = new Map<string, readonly object[]>()
  autolock = false
  certificateExpiryMs = 2160 * 3_600_000
  /** Hosts whose engine would not start again as a member of a swarm. */
  readonly liveRestore = new Set<string>()
  /** Hosts whose engine is down. */
  readonly deadEngines = new Set<string>()
  /** Too few managers are left to decide anything. */
  leaderless = false
  /** Answers first, for what a test knows that this swarm does not. */
  also: (name: string, line: string, input: Buffer) => Reply | undefined = () => undefined
  readonly clusterId: string
  /** How many managers were joining at the same time, at most. */
  managersJoiningAtOnce = 0
  /** Every manager, by address and port, that hosts were sent to, in order. */
  readonly joinedThrough: string[] = []
  /** Managers, by address and port, that joining hosts do not reach. */
  readonly unreached = new Set<string>()
  /** How many joins the managers bear at once; the engines of others give up waiting, and go on. */
  bears = Number.POSITIVE_INFINITY
  /** How many joins were late because there were too many. */
  overloads = 0
  /** What these times go by. */
  clock: Clock = systemClock
  /** How long a list of nodes takes. */
  listMs = 0
  /** How long the managers are busy with a join. */
  joinMs = 0
  /** How often the worker token was replaced. */
  rotations = 0
  ingressSubnet = '10.0.0.0/16'
  #joining = 0

  constructor(clusterId = 'cluster-one') {
    this.clusterId = clusterId
  }

  /** A host outside any swarm. */
  host(name: string): FakeHost {
    const known = this.#members.get(name)
    if (known) return known.host
    const host = new FakeHost(
      name,
      (line, input, command) =>
        this.also(name, line, input) ?? this.#answer(name, line, input.toString(), command),
    )
    this.#members.set(name, {
      host,
      state: 'inactive',
      nodeId: undefined,
      clusterId: undefined,
      role: 'worker',
    })
    return host
  }

  /** Makes a host a member, as if it had joined before. */
  enrol(name: string, role: 'worker' | 'manager', change: Partial<Node> = {}): Node {
    this.host(name)
    const member = this.#member(name)
    const isFirst = ![...this.#nodes.values()].some(node => node.isLeader)
    const node: Node = {
      id: `id-${name}`,
      hostname: name,
      address: `10.0.0.${this.#members.size}`,
      ip: `10.0.0.${this.#members.size}`,
      role,
      availability: 'active',
      state: 'ready',
      isLeader: role === 'manager' && isFirst,
      reachability: role === 'manager' ? 'reachable' : undefined,
      labels: {},
      engineLabels: {},
      engineVersion: '20.10.24',
      updatedAt: undefined,
      platform: { os: 'linux', architecture: 'x86_64' },
      resources: { nanoCpus: 2e9, memoryBytes: 2 ** 30, generic: {} },
      plugins: [],
      ...change,
    }
    Object.assign(member, { state: 'active', nodeId: node.id, clusterId: this.clusterId, role })
    this.#nodes.set(node.id, node)
    return node
  }

  /** Puts a host into a state that the managers know nothing of. */
  set(name: string, change: Partial<Omit<Member, 'host'>>): void {
    this.host(name)
    Object.assign(this.#member(name), change)
  }

  /** Removes a node from the managers' list; its host goes on believing that it is a member. */
  expel(name: string): void {
    this.#nodes.delete(this.#member(name).nodeId ?? '')
  }

  nodes(): Node[] {
    return [...this.#nodes.values()]
  }

  /** The node of a host, as the managers see it. */
  node(name: string): Node {
    const node = this.#nodes.get(this.#member(name).nodeId ?? '')
    if (!node) throw new Error(`no node of ${name}`)
    return node
  }

  /** Changes what the managers know of a node. */
  change(id: string, change: Partial<Node>): void {
    const node = this.#nodes.get(id)
    if (!node) throw new Error(`no node ${id}`)
    this.#nodes.set(id, { ...node, ...change })
  }

  /** Cuts a host off: it does not answer, and the managers see its node as down. */
  lose(name: string, error: HostError): void {
    this.host(name).down = error
    const node = this.node(name)
    this.change(node.id, { state: 'down', ...(node.reachability && { reachability: 'unreachable' }) })
  }

  #member(name: string): Member {
    const member = this.#members.get(name)
    if (!member) throw new Error(`no host ${name}`)
    return member
  }

  async #answer(name: string, line: string, input: string, { argv, engine }: Command): Promise<Reply> {
    const member = this.#member(name)
    if (line === 'true') return {}
    if (this.deadEngines.has(name)) return engine ? NO_SOCKET : NO_ENGINE
    if (line.includes("printf 'clock")) return { stdout: hostFacts(this.liveRestore.has(name)) }
    if (line.includes('.Cluster.Spec')) return { stdout: JSON.stringify(this.#spec()) }
    if (line.startsWith('docker version')) return { stdout: '20.10.24\n' }
    if (line.startsWith('docker node ls')) return this.#listed(member)
    if (line.startsWith('networks=$(docker network ls')) return this.#ingress()
    if (line.startsWith("printf 'live")) return { stdout: `live ${name}\n` }
    if (line.startsWith('docker swarm join-token')) return this.#token(member, line)
    if (line.startsWith('cat '))
      return {
        stdout: certificate(member.clusterId ?? '', member.role, member.certificateOf ?? member.nodeId),
      }
    if (line.startsWith('ip -4 -o addr')) return this.#addresses(member)
    if (line.startsWith('docker swarm leave')) return this.#left(member, line.endsWith('--force'))
    if (line.startsWith('docker swarm init')) return this.#started(name)
    if (line.startsWith('docker node ')) return this.#nodeChanged(member, argv?.slice(2) ?? [])
    if (line.startsWith('docker swarm update')) return this.#updated(line)
    if (line.startsWith('docker swarm unlock-key'))
      return { stdout: this.autolock ? 'SWMKEY-1-secret\n' : 'no unlock key is set\n' }
    if (engine?.path.startsWith('/containers/json')) return answer(200, this.containers.get(name) ?? [])
    if (engine?.path === '/volumes') return answer(200, { Volumes: this.volumes.get(name) ?? null })
    if (isMembershipRead(input)) return membership(this.#info(member))
    if (engine?.path.startsWith('/configs/')) return this.#refusalBy(member) ?? this.configs.answer(input)
    if (engine && /^\/nodes(\/|$)/.test(engine.path))
      return this.#nodesOf(member, /^\/nodes\/(\S+)/.exec(engine.path)?.[1])
    if (engine?.method === 'GET') return this.#refusalBy(member) ?? this.services.answer(input)
    if (engine) return this.#joined(name, input)
    return { code: 127, stderr: `sh: ${line}: not found\n` }
  }

  /** What an engine answers that cannot tell of its swarm. */
  #refusalBy(member: Member): Reply | undefined {
    if (member.role !== 'manager') return answer(503, NOT_A_MANAGER)
    return this.leaderless ? answer(500, { message: NO_LEADER }) : undefined
  }

  #info(member: Member): object {
    const fault = this.faults.get(member.host.name)
    if (member.state === 'pending' && typeof fault === 'object' && 'endsAfterReads' in fault)
      this.#countDown(member, fault)
    // A member that was started again without a quorum stays pending; one that joins is no member yet.
    const isIn = member.state === 'active' || (member.state === 'pending' && member.nodeId !== undefined)
    const isManager = isIn && member.role === 'manager'
    const known = member.state === 'inactive' ? [] : this.nodes()
    const managers = known.filter(node => node.role === 'manager')
    return {
      NodeID: member.nodeId ?? '',
      NodeAddr: known.find(({ id }) => id === member.nodeId)?.address ?? '',
      LocalNodeState: member.state,
      ControlAvailable: isManager,
      Error: isManager && this.leaderless ? NO_LEADER : (member.error ?? ''),
      RemoteManagers: managers.map(({ id, address }) => ({ NodeID: id, Addr: `${address}:2377` })),
      ...(isManager && !this.leaderless && { Cluster: { ID: member.clusterId, Spec: this.#spec() } }),
    }
  }

  #countDown(member: Member, { endsAfterReads }: { endsAfterReads: number }): void {
    if (endsAfterReads <= 1) this.enrol(member.host.name, member.role)
    else this.faults.set(member.host.name, { endsAfterReads: endsAfterReads - 1 })
  }

  async #listed(member: Member): Promise<Reply> {
    if (this.listMs > 0) await this.clock.sleep(this.listMs)
    if (member.role !== 'manager') return refused(NOT_A_MANAGER.message)
    if (this.leaderless) return refused(NO_LEADER)
    return { stdout: `${this.nodes().map(printedState).join('\n')}\n` }
  }

  /** Tells of all nodes, or of one. */
  async #nodesOf(member: Member, id?: string): Promise<Reply> {
    if (this.listMs > 0) await this.clock.sleep(this.listMs)
    const refusal = this.#refusalBy(member)
    if (refusal) return refusal
    for (const [id, lists] of [...this.#leaving]) {
      this.#leaving.set(id, lists - 1)
      if (lists <= 0 && this.#canLeave(id)) this.#leftGroup(id)
    }
    this.listsUntilKnown -= 1
    const seen = (node: Node): Node =>
      this.listsUntilKnown >= 0 && node.state !== 'down' ? { ...node, state: 'unknown' } : node
    if (id === undefined) return answer(200, this.nodes().map(seen).map(printed))
    const node = this.#nodes.get(id)
    return node ? answer(200, printed(seen(node))) : answer(404, { message: `node ${id} not found` })
  }

  #nodeChanged(member: Member, words: readonly string[]): Reply {
    const node = this.#nodes.get(words.at(-1) ?? '')
    if (member.role !== 'manager') return refused(NOT_A_MANAGER.message)
    if (this.leaderless) return refused(NO_LEADER)
    if (!node) return refused(`No such node: ${words.at(-1)}`)
    if (words[0] === 'update') return this.#nodeUpdated(node, words.slice(1, -1))
    if (words[0] === 'rm') return this.#nodeRemoved(node)
    return this.#roleChanged(node, words[0] === 'promote' ? 'manager' : 'worker')
  }

  #nodeUpdated(node: Node, words: readonly string[]): Reply {
    const labels = { ...node.labels }
    for (let index = 0; index < words.length; index += 2) {
      const value = words[index + 1] ?? ''
      if (words[index] === '--availability') {
        this.change(node.id, { availability: value as Node['availability'] })
        if (value === 'drain') this.services.drained(node.id)
        if (value === 'active') this.services.activated(node.id)
      }
      if (words[index] === '--label-rm') delete labels[value]
      if (words[index] === '--label-add')
        labels[value.slice(0, value.indexOf('='))] = value.slice(value.indexOf('=') + 1)
    }
    this.change(node.id, { labels })
    return { stdout: `${node.id}\n` }
  }

  #nodeRemoved(node: Node): Reply {
    if (node.reachability)
      return refused(`node ${node.id} is a cluster manager and is a member of the raft cluster`)
    if (node.state !== 'down') return refused(`node ${node.id} is not down and can't be removed`)
    this.#nodes.delete(node.id)
    return { stdout: `${node.id}\n` }
  }

  #roleChanged(node: Node, role: Node['role']): Reply {
    if (role === 'worker' && node.role === 'manager' && !node.reachability)
      return refused("can't find manager in raft memberlist")
    if (this.#leaving.has(node.id) && role === 'manager') return refused('update out of sequence')
    this.change(node.id, { role, isLeader: false })
    if (node.isLeader) {
      const next = this.nodes().find(({ id, reachability }) => id !== node.id && reachability === 'reachable')
      if (next) this.change(next.id, { isLeader: true })
    }
    if (role === 'manager') {
      this.change(node.id, { reachability: node.state === 'down' ? 'unreachable' : 'reachable' })
      this.#follow(node.id, role)
    } else if (this.listsUntilDemoted === 0) this.#leftGroup(node.id)
    else if (!this.#leaving.has(node.id)) this.#leaving.set(node.id, this.listsUntilDemoted)
    return { stdout: `Node ${node.id} changed.\n` }
  }

  /** A member that is asked to go stays for as long as the others could not do without it: the swarm sees to that. */
  #canLeave(id: string): boolean {
    const others = this.nodes().filter(node => node.id !== id && node.reachability !== undefined)
    return others.filter(({ reachability }) => reachability === 'reachable').length > others.length / 2
  }

  #leftGroup(id: string): void {
    this.#leaving.delete(id)
    this.change(id, { reachability: undefined })
    this.#follow(id, 'worker')
  }

  /** A host takes up the role that the managers have given it. */
  #follow(id: string, role: Node['role']): void {
    const member = [...this.#members.values()].find(({ nodeId }) => nodeId === id)
    if (member && !this.stubborn.has(member.host.name)) member.role = role
  }

  #spec(): object {
    return {
      CAConfig: { NodeCertExpiry: this.certificateExpiryMs * 1e6 },
      EncryptionConfig: { AutoLockManagers: this.autolock },
    }
  }

  #updated(line: string): Reply {
    const expiry = /--cert-expiry (\d+)ms/.exec(line)?.[1]
    if (expiry) this.certificateExpiryMs = Number(expiry)
    if (line.includes('--autolock')) this.autolock = line.includes('--autolock=true')
    return { stdout: this.autolock ? 'Swarm updated.\n    SWMKEY-1-secret\n' : 'Swarm updated.\n' }
  }

  #left(member: Member, force: boolean): Reply {
    if (member.role === 'manager' && member.state === 'active' && !force)
      return refused('You are attempting to leave the swarm on a node that is participating as a manager.')
    const node = this.#nodes.get(member.nodeId ?? '')
    if (node) this.change(node.id, { state: 'down' })
    Object.assign(member, {
      state: 'inactive',
      nodeId: undefined,
      clusterId: undefined,
      role: 'worker',
      error: '',
    })
    return { stdout: 'Node left the swarm.\n' }
  }

  #started(name: string): Reply {
    this.enrol(name, 'manager')
    return { stdout: 'Swarm initialized\n' }
  }

  /** The token that lets nodes join now. */
  tokenOf(role: Node['role']): string {
    return `SWMTKN-1-${role}${role === 'worker' && this.rotations > 0 ? `-${this.rotations}` : ''}`
  }

  #token(member: Member, line: string): Reply {
    if (member.role !== 'manager') return refused(NOT_A_MANAGER.message)
    if (this.leaderless) return refused(NO_LEADER)
    if (line.includes('--rotate')) this.rotations += 1
    return { stdout: `${this.tokenOf(line.endsWith('manager') ? 'manager' : 'worker')}\n` }
  }

  #addresses({ nodeId, movedTo }: Member): Reply {
    const address = movedTo ?? this.#nodes.get(nodeId ?? '')?.address ?? '10.0.0.250'
    return {
      stdout: `1: lo    inet 127.0.0.1/8 scope host lo\n2: eth0    inet ${address}/16 brd 10.0.255.255\n`,
    }
  }

  #ingress(): Reply {
    const subnets = JSON.stringify([{ Subnet: this.ingressSubnet, Gateway: '10.0.0.1' }])
    return { stdout: `\n${subnets}\n` }
  }

  async #joined(name: string, request: string): Promise<Reply> {
    const role = request.includes('SWMTKN-1-manager') ? 'manager' : 'worker'
    const through = /"RemoteAddrs":\["([^"]+)"/.exec(request)?.[1] ?? ''
    this.joinedThrough.push(through)
    if (this.unreached.has(through))
      return answer(503, {
        message: `transport: Error while dialing dial tcp ${through}: connection refused`,
      })
    if (!request.includes(`"${this.tokenOf(role)}"`))
      return answer(503, { message: 'A valid join token is necessary to join this cluster' })
    this.#joining += 1
    if (role === 'manager') this.managersJoiningAtOnce = Math.max(this.managersJoiningAtOnce, this.#joining)
    const isTooMany = this.#joining > this.bears
    await this.clock.sleep(this.joinMs)
    this.#joining -= 1
    if (isTooMany) this.overloads += 1
    return this.#ended(name, role, isTooMany ? { endsAfterReads: 2 } : this.faults.get(name))
  }

  #ended(name: string, role: Node['role'], fault: JoinFault | undefined): Reply {
    if (fault === undefined) this.enrol(name, role)
    else if (fault === 'never-ready') this.enrol(name, role, { state: 'down' })
    else if ('refusal' in fault) {
      if (fault.leavesGhost) this.#haunt(name)
      return answer(503, { message: fault.refusal })
    } else if ('givesUp' in fault) {
      this.faults.delete(name)
      this.set(name, { state: 'error', error: fault.givesUp })
      return answer(503, { message: 'Timeout was reached before node joined.' })
    } else {
      this.faults.set(name, fault)
      this.set(name, { state: 'pending', role })
      return answer(503, {
        message: 'Timeout was reached before node joined. The attempt to join the swarm will continue',
      })
    }
    return answer(200, {})
  }

  /** Leaves a node that is to be a manager and that no host is. */
  #haunt(name: string): void {
    const node = this.enrol(name, 'manager', { id: `ghost-${name}`, reachability: undefined, state: 'down' })
    this.set(name, { state: 'inactive', nodeId: undefined, clusterId: undefined, role: 'worker' })
    this.#nodes.set(node.id, { ...node, isLeader: false })
  }
}
