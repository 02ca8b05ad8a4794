import type { SwarmNode } from '../domain/swarm/workload.ts'
import { command, type EngineCommand, type ProcessCommand, reading } from './command.ts'
import { engineRequest } from './engine.ts'

export type Availability = 'active' | 'pause' | 'drain'

/** A member of the swarm, as its managers see it. */
export interface Node extends SwarmNode {
  readonly id: string
  /** Not unique: a host that left and joined again has two nodes. */
  readonly hostname: string
  /** The address of its manager port or its engine; unique among living nodes. */
  readonly address: string
  /** The desired role. */
  readonly role: 'manager' | 'worker'
  readonly availability: Availability
  readonly state: 'unknown' | 'down' | 'ready' | 'disconnected'
  readonly isLeader: boolean
  /** Set for members of the Raft group; undefined for all others, including future managers. */
  readonly reachability: 'reachable' | 'unreachable' | 'unknown' | undefined
  /** Such as `20.10.24`; empty until the node has reported it. */
  readonly engineVersion: string
}

/**
 * Asks for all nodes of the swarm in one answer: reading them one by one fails if one is removed meanwhile. Only managers
 * of a swarm with a leader answer, so an empty list never means "could not read".
 */
export const nodesRequest: EngineCommand = engineRequest('GET', '/nodes')

/** How many nodes are changed at once. Each change is a decision of the Raft group. */
export const UPDATES_AT_ONCE = 8

/** Asks for one node, because the list of a large swarm has megabytes. Refused like `nodesRequest`; 404 if there is none. */
export function nodeRequest(id: string): EngineCommand {
  return engineRequest('GET', `/nodes/${id}`)
}

/** A node as the engine prints it. The engine omits what it does not know. */
interface PrintedNode {
  ID: string
  Spec: { Role: Node['role']; Availability: Availability; Labels?: Record<string, string> | null }
  Description?: {
    Hostname?: string
    Platform?: { OS?: string; Architecture?: string } | null
    Resources?: { NanoCPUs?: number; MemoryBytes?: number } | null
    Engine?: { EngineVersion?: string; Labels?: Record<string, string> | null } | null
  } | null
  Status: { State: Node['state']; Addr?: string }
  ManagerStatus?: { Leader?: boolean; Reachability?: Node['reachability']; Addr?: string } | null
}

/**
 * Reads the answer to `nodesRequest`.
 * @throws SyntaxError if it is not the engine's JSON
 */
export function parseNodes(body: string): Node[] {
  return (JSON.parse(body) as PrintedNode[]).map(nodeOf)
}

/**
 * Reads the answer to a `nodeRequest`.
 * @throws SyntaxError if it is not the engine's JSON
 */
export function parseNode(body: string): Node {
  return nodeOf(JSON.parse(body) as PrintedNode)
}

function nodeOf({ ID, Spec, Description, Status, ManagerStatus }: PrintedNode): Node {
  const { Hostname = '', Platform, Resources, Engine } = Description ?? {}
  return {
    id: ID,
    hostname: Hostname,
    address: hostPart(ManagerStatus?.Addr) ?? Status.Addr ?? '',
    role: Spec.Role,
    availability: Spec.Availability,
    state: Status.State,
    isLeader: ManagerStatus?.Leader ?? false,
    reachability: ManagerStatus?.Reachability,
    labels: Spec.Labels ?? {},
    engineLabels: Engine?.Labels ?? {},
    engineVersion: Engine?.EngineVersion ?? '',
    platform: { os: Platform?.OS ?? '', architecture: Platform?.Architecture ?? '' },
    resources: { nanoCpus: Resources?.NanoCPUs ?? 0, memoryBytes: Resources?.MemoryBytes ?? 0 },
  }
}

function hostPart(address: string | undefined): string | undefined {
  return address?.replace(/:\d+$/, '') || undefined
}

/** The part of a node that shows whether it has joined. */
export type NodeState = Pick<Node, 'id' | 'state' | 'reachability'>

/** Lists the states of the nodes, one per line. Much shorter than the answer to `nodesRequest`. */
export const nodeStatesCommand: ProcessCommand = reading(
  ...['docker', 'node', 'ls', '--format', '{{.ID}} {{.Status}} {{.ManagerStatus}}'],
)

/**
 * Parses the output of `nodeStatesCommand`.
 * @throws SyntaxError if it is something else
 */
export function parseNodeStates(stdout: string): NodeState[] {
  return stdout
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => {
      const [id, state, manager] = line.trim().toLowerCase().split(' ')
      if (!id || !state) throw new SyntaxError(`no state of a node: ${line}`)
      const reachability = manager === 'leader' ? 'reachable' : (manager as Node['reachability'])
      return { id, state: state as Node['state'], reachability }
    })
}

/** Sets whether a node accepts tasks. The engine answers before the tasks have moved. */
export function availabilityCommand(nodeId: string, availability: Availability): ProcessCommand {
  return command('docker', 'node', 'update', '--availability', availability, nodeId)
}

/** Changes a node's role. The engine answers before the role is in effect. */
export function roleCommand(nodeId: string, role: Node['role']): ProcessCommand {
  return command('docker', 'node', role === 'manager' ? 'promote' : 'demote', nodeId)
}

/** Removes a node from the list. The engine refuses nodes that are not down and members of the Raft group. */
export function removeNodeCommand(nodeId: string): ProcessCommand {
  return command('docker', 'node', 'rm', nodeId)
}

/** Sets and removes labels at once. */
export function labelCommand(
  nodeId: string,
  set: ReadonlyMap<string, string>,
  remove: readonly string[],
): ProcessCommand {
  return command(
    ...['docker', 'node', 'update'],
    ...[...set].flatMap(([key, value]) => ['--label-add', `${key}=${value}`]),
    ...remove.flatMap(key => ['--label-rm', key]),
    nodeId,
  )
}
