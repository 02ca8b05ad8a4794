import { execFileSync } from 'node:child_process'
import type { Node } from '../../src/remote/swarm.ts'
import { FakeHost, type Reply } from './fake-host.ts'

interface Member {
  readonly host: FakeHost
  state: 'inactive' | 'pending' | 'active' | 'locked' | 'error'
  nodeId: string | undefined
  /** The swarm that it believes to be in. */
  clusterId: string | undefined
  role: 'worker' | 'manager'
}

/** How a join goes wrong. */
export type JoinFault =
  | { readonly refusal: string }
  /** The engine answers with a time-out, and the join goes on; it ends after so many reads of the state. */
  | { readonly endsAfterReads: number }
  /** The host joins, and the managers never see it ready. */
  | 'never-ready'

/** Hosts whose engines know swarms as far as Belt asks about them. */
export class FakeSwarm {
  readonly #members = new Map<string, Member>()
  readonly #nodes = new Map<string, Node>()
  readonly faults = new Map<string, JoinFault>()
  readonly clusterId: string
  /** How many managers were joining at the same time, at most. */
  managersJoiningAtOnce = 0
  #joining = 0

  constructor(clusterId = 'cluster-one') {
    this.clusterId = clusterId
  }

  /** A host outside any swarm. */
  host(name: string): FakeHost {
    const known = this.#members.get(name)
    if (known) return known.host
    const host = new FakeHost(name, (line, input) => this.#answer(name, line, input.toString()))
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
      role,
      availability: 'active',
      state: 'ready',
      isLeader: role === 'manager' && isFirst,
      reachability: role === 'manager' ? 'reachable' : undefined,
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

  #member(name: string): Member {
    const member = this.#members.get(name)
    if (!member) throw new Error(`no host ${name}`)
    return member
  }

  async #answer(name: string, line: string, input: string): Promise<Reply> {
    const member = this.#member(name)
    if (line.startsWith('docker info')) return { stdout: `${JSON.stringify(this.#info(member))}\n` }
    if (line.startsWith('ids=$(docker node ls')) return this.#listed(member)
    if (line.startsWith('docker swarm join-token')) return { stdout: `SWMTKN-1-${line.split(' ').at(-1)}\n` }
    if (line.startsWith('cat ')) return { stdout: certificate(member.clusterId ?? '') }
    if (line === 'docker swarm leave') return this.#left(member)
    if (line.startsWith('docker swarm init')) return this.#started(name)
    if (line === 'docker system dial-stdio') return this.#joined(name, input)
    return { code: 127, stderr: `sh: ${line}: not found\n` }
  }

  #info(member: Member): object {
    const fault = this.faults.get(member.host.name)
    if (member.state === 'pending' && typeof fault === 'object' && 'endsAfterReads' in fault)
      this.#countDown(member, fault)
    const isManager = member.state === 'active' && member.role === 'manager'
    const managers = this.nodes().filter(node => node.role === 'manager')
    return {
      NodeID: member.nodeId ?? '',
      NodeAddr: '',
      LocalNodeState: member.state,
      ControlAvailable: isManager,
      Error: '',
      RemoteManagers: managers.map(({ id, address }) => ({ NodeID: id, Addr: `${address}:2377` })),
      ...(isManager && { Cluster: { ID: member.clusterId } }),
    }
  }

  #countDown(member: Member, { endsAfterReads }: { endsAfterReads: number }): void {
    if (endsAfterReads <= 1) this.enrol(member.host.name, member.role)
    else this.faults.set(member.host.name, { endsAfterReads: endsAfterReads - 1 })
  }

  #listed(member: Member): Reply {
    if (member.role !== 'manager')
      return { code: 1, stderr: 'Error response from daemon: This node is not a swarm manager.\n' }
    const lines = this.nodes().map(({ isLeader, reachability, ...node }) =>
      JSON.stringify({
        ...node,
        manager: reachability ? { Leader: isLeader, Reachability: reachability } : null,
      }),
    )
    return { stdout: `${lines.join('\n')}\n` }
  }

  #left(member: Member): Reply {
    Object.assign(member, { state: 'inactive', nodeId: undefined, clusterId: undefined })
    return { stdout: 'Node left the swarm.\n' }
  }

  #started(name: string): Reply {
    this.enrol(name, 'manager')
    return { stdout: 'Swarm initialized\n' }
  }

  async #joined(name: string, request: string): Promise<Reply> {
    const role = request.includes('SWMTKN-1-manager') ? 'manager' : 'worker'
    const fault = this.faults.get(name)
    this.#joining += 1
    if (role === 'manager') this.managersJoiningAtOnce = Math.max(this.managersJoiningAtOnce, this.#joining)
    await new Promise(resolve => setImmediate(resolve))
    this.#joining -= 1
    if (fault === undefined) this.enrol(name, role)
    else if (fault === 'never-ready') this.enrol(name, role, { state: 'down' })
    else if ('refusal' in fault) return answer(503, { message: fault.refusal })
    else {
      this.set(name, { state: 'pending', role })
      return answer(503, {
        message: 'Timeout was reached before node joined. The attempt to join the swarm will continue',
      })
    }
    return answer(200, {})
  }
}

function answer(status: number, body: object): Reply {
  return { stdout: `HTTP/1.0 ${status} X\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(body)}` }
}

/** A node's certificate, whose subject names the swarm. */
function certificate(clusterId: string): string {
  const subject = `/O=${clusterId}/OU=swarm-worker/CN=node`
  const request = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '1',
  ]
  return execFileSync('openssl', [...request, '-keyout', '/dev/null', '-subj', subject], {
    stdio: ['ignore', 'pipe', 'ignore'],
  }).toString()
}
