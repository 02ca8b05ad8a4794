import pLimit from 'p-limit'
import type { Host } from '../../hosts/host.ts'
import type { SwarmManagers } from '../../queries/join-standing.ts'
import { readNodeStates, readNodes } from '../../queries/nodes.ts'
import type { Node, NodeState } from '../../remote/nodes.ts'
import type { JoinPace } from './join-pace.ts'

/**
 * The nodes as the managers see them, for many hosts at once. Hosts that ask before a read has started share it. If a
 * manager does not answer, the next one is asked.
 */
export class ManagersView implements SwarmManagers {
  /** Managers, the preferred one first. */
  readonly hosts: readonly Host[]
  readonly #signal: AbortSignal
  #asked = 0
  /** Why the last read failed; undefined if it succeeded. */
  unreachable: unknown
  readonly nodes: () => Promise<Node[]>
  readonly states: () => Promise<NodeState[]>

  constructor(hosts: readonly Host[], pace: JoinPace, signal: AbortSignal) {
    this.hosts = hosts
    this.#signal = signal
    this.nodes = shareWhileRunning(() => pace.timed(() => this.#ask(readNodes)))
    this.states = shareWhileRunning(() => pace.timed(() => this.#ask(readNodeStates)))
  }

  async #ask<T>(read: (host: Host, signal: AbortSignal) => Promise<T>): Promise<T> {
    const host = this.hosts[this.#asked % this.hosts.length] as Host
    try {
      const answer = await read(host, this.#signal)
      this.unreachable = undefined
      return answer
    } catch (error) {
      this.#asked += 1
      this.unreachable = error
      throw error
    }
  }
}

function shareWhileRunning<T>(read: () => Promise<T>): () => Promise<T> {
  const oneAtATime = pLimit(1)
  let next: Promise<T> | undefined
  return () => {
    next ??= oneAtATime(() => {
      next = undefined
      return read()
    })
    return next
  }
}
