import type { Plugin, SwarmNode } from '../domain/swarm/workload.ts'
import { dockerClient, type EngineCommand, type ProcessCommand, readingDocker } from './command.ts'
import { engineRequest } from './engine.ts'
import { EngineObject } from './engine-json.ts'
import { genericResources } from './generic-resources.ts'

/** The kinds of plugins that decide where a task may run. */
const PLUGIN_TYPES = ['Volume', 'Network', 'Log'] as const

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
  /** When the managers last changed what they keep about it, such as its state. */
  readonly updatedAt: Date | undefined
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

/**
 * Reads the answer to `nodesRequest`.
 * @throws SyntaxError if it is not the engine's JSON
 */
export function parseNodes(body: string): Node[] {
  return EngineObject.readList(body).map(nodeOf)
}

/**
 * Reads the answer to a `nodeRequest`.
 * @throws SyntaxError if it is not the engine's JSON
 */
export function parseNode(body: string): Node {
  return nodeOf(EngineObject.read(body))
}

function nodeOf(printed: EngineObject): Node {
  const spec = printed.object('Spec')
  const description = printed.object('Description')
  const engine = description.object('Engine')
  const platform = description.object('Platform')
  const resources = description.object('Resources')
  const status = printed.object('Status')
  const manager = printed.has('ManagerStatus') ? printed.object('ManagerStatus') : undefined
  return {
    id: printed.name('ID'),
    hostname: description.text('Hostname'),
    address: hostPart(manager?.text('Addr')) ?? status.text('Addr'),
    ip: status.text('Addr'),
    role: spec.word('Role', ['manager', 'worker']),
    availability: spec.word('Availability', ['active', 'pause', 'drain']),
    state: wordOr('unknown', status.text('State'), ['ready', 'down', 'disconnected']),
    isLeader: manager?.flag('Leader') ?? false,
    reachability: manager && wordOr('unknown', manager.text('Reachability'), ['reachable', 'unreachable']),
    labels: spec.labels('Labels'),
    engineLabels: engine.labels('Labels'),
    engineVersion: engine.text('EngineVersion'),
    updatedAt: dateIn(printed.text('UpdatedAt')),
    platform: { os: platform.text('OS'), architecture: platform.text('Architecture') },
    resources: {
      nanoCpus: resources.count('NanoCPUs'),
      memoryBytes: resources.count('MemoryBytes'),
      generic: genericResources(resources),
    },
    plugins: engine.has('Plugins') ? engine.objects('Plugins').flatMap(pluginOf) : undefined,
  }
}

/** A word that this version of Belt does not know is no reason to read nothing. */
function wordOr<const W extends string, const D extends string>(
  other: D,
  text: string,
  words: readonly W[],
): W | D {
  return words.find(word => word === text) ?? other
}

function dateIn(text: string): Date | undefined {
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? undefined : date
}

function pluginOf(printed: EngineObject): Plugin[] {
  const type = PLUGIN_TYPES.find(word => word === printed.text('Type'))
  return type ? [{ type, name: printed.text('Name') }] : []
}

function hostPart(address: string | undefined): string | undefined {
  return address?.replace(/:\d+$/, '') || undefined
}

/** The part of a node that shows whether it has joined. */
export type NodeState = Pick<Node, 'id' | 'state' | 'reachability'>

/** Lists the states of the nodes, one per line. Much shorter than the answer to `nodesRequest`. */
export const nodeStatesCommand: ProcessCommand = readingDocker(
  ...['node', 'ls', '--format', '{{.ID}} {{.Status}} {{.ManagerStatus}}'],
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
  return dockerClient('node', 'update', '--availability', availability, nodeId)
}

/** Changes a node's role. The engine answers before the role is in effect. */
export function roleCommand(nodeId: string, role: Node['role']): ProcessCommand {
  return dockerClient('node', role === 'manager' ? 'promote' : 'demote', nodeId)
}

/** Removes a node from the list. The engine refuses nodes that are not down and members of the Raft group. */
export function removeNodeCommand(nodeId: string): ProcessCommand {
  return dockerClient('node', 'rm', nodeId)
}

/** Sets and removes labels at once. */
export function labelCommand(
  nodeId: string,
  set: ReadonlyMap<string, string>,
  remove: readonly string[],
): ProcessCommand {
  return dockerClient(
    ...['node', 'update'],
    ...[...set].flatMap(([key, value]) => ['--label-add', `${key}=${value}`]),
    ...remove.flatMap(key => ['--label-rm', key]),
    nodeId,
  )
}
