import type { PlacementNode } from '../domain/task-placement.ts'
import { type Command, command } from './command.ts'

export type Availability = 'active' | 'pause' | 'drain'

/** A member of the swarm, as its managers see it. */
export interface Node extends PlacementNode {
  readonly id: string
  /** Not unique: a host that left and joined again has two nodes. */
  readonly hostname: string
  /** Where its manager port or its engine is reached; unique among living nodes. */
  readonly address: string
  /** The role it is meant to have. */
  readonly role: 'manager' | 'worker'
  readonly availability: Availability
  readonly state: 'unknown' | 'down' | 'ready' | 'disconnected'
  readonly isLeader: boolean
  /** Of members of the Raft group; undefined for all others, managers-to-be included. */
  readonly reachability: 'reachable' | 'unreachable' | 'unknown' | undefined
  /** Such as `20.10.24`; empty before the node has told. */
  readonly engineVersion: string
}

const NODE_FORMAT = [
  '{"id":{{json .ID}}',
  '"hostname":{{json .Description.Hostname}}',
  '"address":{{json .Status.Addr}}',
  '"role":{{json .Spec.Role}}',
  '"availability":{{json .Spec.Availability}}',
  '"labels":{{json .Spec.Labels}}',
  '"state":{{json .Status.State}}',
  '"engine":{{json .Description.Engine}}',
  '"platform":{{json .Description.Platform}}',
  '"resources":{{json .Description.Resources}}',
  '"manager":{{json .ManagerStatus}}}',
].join()

/**
 * Lists the swarm's nodes, one JSON object a line. Answers on managers of a swarm that has a leader, and fails
 * elsewhere: an empty list never means "could not read".
 */
export const nodesCommand: Command = {
  run: { shell: `ids=$(docker node ls --quiet) && docker node inspect --format '${NODE_FORMAT}' $ids` },
}

/** What `NODE_FORMAT` prints: the engine leaves out what it does not know. */
interface PrintedNode extends Pick<Node, 'id' | 'hostname' | 'address' | 'role' | 'availability' | 'state'> {
  labels?: Record<string, string> | null
  engine?: { EngineVersion?: string; Labels?: Record<string, string> | null } | null
  platform?: { OS?: string; Architecture?: string } | null
  resources?: { NanoCPUs?: number; MemoryBytes?: number } | null
  manager?: { Leader?: boolean; Reachability?: Node['reachability']; Addr?: string } | null
}

/**
 * Reads what `nodesCommand` printed.
 * @throws SyntaxError when it is not the engine's JSON
 */
export function parseNodes(stdout: string): Node[] {
  return stdout
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => parseNode(JSON.parse(line) as PrintedNode))
}

function parseNode({ manager, address, labels, engine, platform, resources, ...node }: PrintedNode): Node {
  return {
    ...node,
    address: hostPart(manager?.Addr) ?? address,
    isLeader: manager?.Leader ?? false,
    reachability: manager?.Reachability,
    labels: labels ?? {},
    engineLabels: engine?.Labels ?? {},
    engineVersion: engine?.EngineVersion ?? '',
    platform: { os: platform?.OS ?? '', architecture: platform?.Architecture ?? '' },
    resources: { nanoCpus: resources?.NanoCPUs ?? 0, memoryBytes: resources?.MemoryBytes ?? 0 },
  }
}

function hostPart(address: string | undefined): string | undefined {
  return address?.replace(/:\d+$/, '') || undefined
}

/** Says whether a node takes tasks. The engine answers before the tasks have moved. */
export function availabilityCommand(nodeId: string, availability: Availability): Command {
  return command('docker', 'node', 'update', '--availability', availability, nodeId)
}

/** Asks for another role. The engine answers before the node has it. */
export function roleCommand(nodeId: string, role: Node['role']): Command {
  return command('docker', 'node', role === 'manager' ? 'promote' : 'demote', nodeId)
}

/** Takes a node off the list; the engine refuses one that is not down, and every member of the Raft group. */
export function removeNodeCommand(nodeId: string): Command {
  return command('docker', 'node', 'rm', nodeId)
}

/** Sets and removes labels at once. */
export function labelCommand(
  nodeId: string,
  set: ReadonlyMap<string, string>,
  remove: readonly string[],
): Command {
  return command(
    ...['docker', 'node', 'update'],
    ...[...set].flatMap(([key, value]) => ['--label-add', `${key}=${value}`]),
    ...remove.flatMap(key => ['--label-rm', key]),
    nodeId,
  )
}
