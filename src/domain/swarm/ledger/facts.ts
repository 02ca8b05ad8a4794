import type { SwarmNode } from '../workload.ts'

/** What a host reports about its membership, or why it could not be read. */
export type HostReading =
  | {
      readonly kind: 'unread'
      readonly reason: string
      /** Whether it answered, and what it said is not understood. */
      readonly hasAnswered?: boolean
      /** Whether its machine is switched off, as the driver says. */
      readonly isOff?: boolean
    }
  /** It answers, and its login user may not read it. */
  | { readonly kind: 'denied'; readonly reason: string }
  | {
      readonly kind: 'read'
      readonly state: 'inactive' | 'pending' | 'active' | 'locked' | 'error'
      readonly nodeId: string | undefined
      /** The swarm that the host believes to be in, if known. */
      readonly clusterId: string | undefined
      readonly isManager: boolean
      /** What its engine complains of. */
      readonly error?: string | undefined
      /** Set if its certificate has expired: when, if that could be read. */
      readonly expired?: { readonly at: Date | undefined } | undefined
      /** The address at which others are to reach it, if it has that no more. */
      readonly lostAddress?: string | undefined
    }

export interface LedgerMachine {
  readonly name: string
  readonly host: HostReading
  /** The node with its address or name. Identifies a machine whose host cannot be read. */
  readonly likelyNodeId: string | undefined
}

export type LedgerNode = Pick<SwarmNode, 'id' | 'hostname' | 'role' | 'state' | 'reachability'>

export interface LedgerInput {
  readonly machines: readonly LedgerMachine[]
  /** Undefined: no manager could list them. */
  readonly nodes: readonly LedgerNode[] | undefined
  readonly clusterId: string | undefined
  /** A manager to join through, by name; undefined when none answers. */
  readonly manager: string | undefined
}

/**
 * - `ok` machine, host and node agree; `unjoined` a machine outside the swarm;
 * - `ghost` a node that is down and has no machine; `unmanaged` a living node that is no machine of this cluster;
 * - `wrong-swarm` a host in another swarm; `wrong-role` a node whose role in effect differs from its desired role;
 * - `shared-node` two machines that are one node; `expired` a host whose certificate has expired;
 * - `wrong-address` a manager that advertises an address that it has no more;
 * - `duplicate-hostname` two living nodes with one host name; `unreachable` the host or the node does not answer;
 * - `unknown` cannot be judged, because no manager lists its nodes, or a host cannot be read or does not let its user read.
 */
export type LedgerClass =
  | 'ok'
  | 'unjoined'
  | 'ghost'
  | 'unmanaged'
  | 'wrong-swarm'
  | 'wrong-role'
  | 'shared-node'
  | 'expired'
  | 'wrong-address'
  | 'duplicate-hostname'
  | 'unreachable'
  | 'unknown'

export interface LedgerRow {
  /** The machine's name; of a node without a machine, its host name. */
  readonly name: string
  readonly nodeId: string | undefined
  readonly class: LedgerClass
  /** What is wrong, in words; empty if nothing is. */
  readonly detail: string
  /** How to fix it: a command, or advice if no command can. The name is a key of the `--json` document. */
  readonly mend: string | undefined
}
