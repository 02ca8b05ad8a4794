import { groupAfter, quorumOf } from '../../src/domain/quorum.ts'
import { BeltError } from '../../src/errors.ts'
import { groupOf } from '../../src/operations/swarm/quorum-guard.ts'
import type { Node } from '../../src/remote/nodes.ts'

/** A step of Belt that took the quorum: the one thing that must never happen. */
export class QuorumTaken extends Error {}

/** Managers and managers-to-be as far as their Raft group is concerned, without hosts and without time. */
export class RaftModel {
  readonly #nodes = new Map<string, Node>()
  /** Whose machine does not run, and by whose doing. */
  readonly #down = new Map<string, 'belt' | 'fate'>()

  /** @param leader which of the managers leads; the last ones of them are lost */
  constructor(managers: number, leader: number, lost: number, workers: number) {
    for (let index = 0; index < managers + workers; index++)
      this.#nodes.set(`n${index}`, newNode(`n${index}`, index < managers, index === leader))
    for (let index = managers - lost; index < managers; index++) this.#fall(`n${index}`, 'fate')
  }

  get nodes(): Node[] {
    return [...this.#nodes.values()]
  }

  get hasQuorum(): boolean {
    const { managers, reachable } = groupOf(this.nodes)
    return reachable >= quorumOf(managers)
  }

  node(id: string): Node {
    return this.#nodes.get(id) as Node
  }

  isUp(id: string): boolean {
    return !this.#down.has(id)
  }

  /** What a manager tells; what joins arrives meanwhile. @throws BeltError without a quorum, as no manager tells then */
  read(): Node[] {
    if (!this.hasQuorum) throw new BeltError('quorum-lost', 'no manager takes decisions')
    for (const { id, role, reachability } of this.nodes)
      if (role === 'manager' && reachability === 'unreachable' && this.isUp(id))
        this.#change(id, { reachability: 'reachable' })
    this.#elect()
    return this.nodes
  }

  /** Does what Belt does. @throws QuorumTaken when there was a quorum before, and is none afterwards */
  byBelt(what: string, act: () => void): void {
    const before = groupOf(this.nodes)
    const had = this.hasQuorum
    act()
    const after = groupOf(this.nodes)
    if (had && !this.hasQuorum)
      throw new QuorumTaken(
        `${what}: ${before.reachable} of ${before.managers} became ${after.reachable} of ${after.managers}`,
      )
  }

  stop(id: string): void {
    this.#fall(id, 'belt')
  }

  start(id: string): void {
    if (this.#down.get(id) === 'belt') this.#rise(id)
  }

  /** @throws QuorumTaken where only the swarm itself would keep it from that */
  askToDemote(id: string): void {
    if (!this.#canGo(this.node(id))) throw new QuorumTaken(`${id} is asked to be a worker`)
    this.#change(id, { role: 'worker' })
    this.#elect()
  }

  /** Managers leave the group as soon as the others can do without them: the swarm itself sees to that. */
  settle(): void {
    for (const node of this.nodes) {
      const isLeaving = node.role === 'worker' && node.reachability !== undefined
      if (isLeaving && this.hasQuorum && this.#canGo(node)) this.#change(node.id, { reachability: undefined })
    }
  }

  #canGo({ reachability }: Node): boolean {
    const change = reachability === 'reachable' ? 'demote-reachable' : 'demote-unreachable'
    const after = groupAfter(groupOf(this.nodes), change)
    return after.reachable >= quorumOf(after.managers)
  }

  /** A new member counts before it answers. */
  promote(id: string): void {
    this.#change(id, { role: 'manager', reachability: 'unreachable' })
  }

  /** A manager is lost, by nobody's doing. */
  lose(): void {
    const next = this.nodes.find(({ id, reachability }) => reachability === 'reachable' && this.isUp(id))
    if (next) this.#fall(next.id, 'fate')
  }

  /** One that was lost returns. */
  return(): void {
    const [back] = [...this.#down].filter(([, by]) => by === 'fate')
    if (back) this.#rise(back[0])
  }

  #fall(id: string, by: 'belt' | 'fate'): void {
    if (!this.#down.has(id)) this.#down.set(id, by)
    if (this.node(id).reachability) this.#change(id, { reachability: 'unreachable', state: 'down' })
  }

  #rise(id: string): void {
    this.#down.delete(id)
    this.#change(id, { state: 'ready', ...(this.node(id).reachability && { reachability: 'reachable' }) })
  }

  #elect(): void {
    const canLead = ({ role, reachability }: Node) => role === 'manager' && reachability === 'reachable'
    if (!this.hasQuorum || this.nodes.some(node => node.isLeader && canLead(node))) return
    const next = this.nodes.find(canLead)
    for (const { id } of this.nodes) this.#change(id, { isLeader: id === next?.id })
  }

  #change(id: string, change: Partial<Node>): void {
    this.#nodes.set(id, { ...this.node(id), ...change })
  }
}

function newNode(id: string, isManager: boolean, isLeader: boolean): Node {
  return {
    id,
    hostname: id,
    address: '',
    ip: '',
    role: isManager ? 'manager' : 'worker',
    availability: 'active',
    state: 'ready',
    isLeader,
    reachability: isManager ? 'reachable' : undefined,
    labels: {},
    engineLabels: {},
    engineVersion: '',
    updatedAt: undefined,
    platform: { os: 'linux', architecture: 'x86_64' },
    resources: { nanoCpus: 0, memoryBytes: 0, generic: {} },
    plugins: [],
  }
}
