import type { Inventory } from '../domain/inventory.ts'
import type { Service, Task } from '../domain/swarm/workload.ts'
import { BeltError, reasonOf } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { inPlainWords, runChecked } from '../hosts/run-checked.ts'
import type { Slot } from '../hosts/slots.ts'
import { type Certificate, certificateCommand, parseCertificate } from '../remote/certificate.ts'
import type { Command } from '../remote/command.ts'
import { type EngineResponse, parseEngineResponse, refusalOf } from '../remote/engine.ts'
import { inventoryCommand, parseInventory } from '../remote/inventory.ts'
import {
  type Node,
  type NodeState,
  nodeRequest,
  nodeStatesCommand,
  nodesRequest,
  parseNode,
  parseNodeStates,
  parseNodes,
} from '../remote/nodes.ts'
import {
  parseServices,
  parseTasks,
  servicesRequest,
  type TaskFilter,
  tasksRequest,
} from '../remote/services.ts'
import { type Membership, membershipRequest, parseMembership } from '../remote/swarm.ts'

/** How long one read of a swarm's state may take: the engine gives up after 20 s itself. */
const READ_TIMEOUT_MS = 30_000
/** A node is told in 8 kB, and there are swarms of thousands. */
const MAX_ANSWER_BYTES = 128 * 1024 * 1024

/** Reads how one host stands to swarms. @throws when it cannot be read: never a guess instead */
export async function readMembership(host: Host, signal?: AbortSignal, slot?: Slot): Promise<Membership> {
  return answerOf(host, await askEngine(host, membershipRequest, signal, slot), parseMembership)
}

/** Lists by name what a swarm holds. @throws when it cannot be read */
export async function readInventory(manager: Host, signal?: AbortSignal): Promise<Inventory> {
  const { stdout } = await runChecked(manager, inventoryCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
  return understood(manager, () => parseInventory(stdout))
}

/** Lists the nodes as the manager on `host` sees them. @throws when it cannot be read */
export function readNodes(host: Host, signal?: AbortSignal): Promise<Node[]> {
  return readEngine(host, nodesRequest, parseNodes, signal)
}

/**
 * Reads one node as the manager on `host` sees it, at little cost in a large swarm.
 * @throws `no-such-node` when there is none with its id; when it cannot be read
 */
export async function readNode(
  host: Host,
  { id, hostname }: Pick<Node, 'id' | 'hostname'>,
  signal?: AbortSignal,
): Promise<Node> {
  const response = await askEngine(host, nodeRequest(id), signal)
  if (response.status !== 404) return answerOf(host, response, parseNode)
  throw new BeltError('no-such-node', `${hostname} (${id}) is no node of the swarm any more`, {
    host: hostname,
    hint: 'belt swarm status shows the nodes there are',
  })
}

/** Lists the states of the nodes as the manager on `host` sees them, at little cost. @throws when they cannot be read */
export async function readNodeStates(host: Host, signal?: AbortSignal): Promise<NodeState[]> {
  const { stdout } = await runChecked(host, nodeStatesCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
  return understood(host, () => parseNodeStates(stdout))
}

/** Reads the swarm that a member belongs to, and the role it has in effect. @throws when it cannot be read */
export async function readCertificate(host: Host, signal?: AbortSignal): Promise<Certificate> {
  const { stdout } = await runChecked(host, certificateCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
  return understood(host, () => parseCertificate(stdout))
}

/**
 * Reads which node a host is: also while its engine starts that node anew, and has no id to tell.
 * @returns undefined for a host outside any swarm
 * @throws when it cannot be read
 */
export async function readNodeId(host: Host, signal?: AbortSignal): Promise<string | undefined> {
  const { state, nodeId } = await readMembership(host, signal)
  if (nodeId !== undefined || state === 'inactive') return nodeId
  return (await readCertificate(host, signal)).nodeId
}

/** Reads all services, as a manager knows them. @throws when they cannot be read */
export function readServices(manager: Host, signal?: AbortSignal): Promise<Service[]> {
  return readEngine(manager, servicesRequest, parseServices, signal)
}

/** Reads tasks, as a manager knows them. @throws when they cannot be read */
export async function readTasks(manager: Host, filter: TaskFilter, signal?: AbortSignal): Promise<Task[]> {
  // The engine takes an empty list for no condition.
  if (filter.nodeIds?.length === 0 || filter.serviceIds?.length === 0) return []
  return readEngine(manager, tasksRequest(filter), parseTasks, signal)
}

async function readEngine<T>(
  host: Host,
  request: Command,
  parse: (body: string) => T,
  signal?: AbortSignal,
): Promise<T> {
  return answerOf(host, await askEngine(host, request, signal), parse)
}

/** @throws when there is no answer at all */
async function askEngine(
  host: Host,
  request: Command,
  signal?: AbortSignal,
  slot?: Slot,
): Promise<EngineResponse> {
  const { stdout, stderr } = await host.run(request, {
    timeoutMs: READ_TIMEOUT_MS,
    maxOutputBytes: MAX_ANSWER_BYTES,
    signal,
    slot,
  })
  const response = parseEngineResponse(stdout)
  if (response) return response
  throw refused(host, inPlainWords(stderr.trim()) || 'its engine gave no answer')
}

function answerOf<T>(host: Host, response: EngineResponse, parse: (body: string) => T): T {
  if (response.status === 200) return understood(host, () => parse(response.body))
  throw refused(host, refusalOf(response))
}

function refused({ name }: Host, refusal: string): BeltError {
  return new BeltError('engine-refused', `${name}: ${refusal}`, {
    host: name,
    hint: `belt --host ${name} docker info shows how it stands to its swarm`,
  })
}

/** Reads an answer. @throws `unreadable-answer` when it cannot be understood */
export function understood<T>(host: Host, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw new BeltError(
      'unreadable-answer',
      `${host.name}: the engine's answer cannot be read: ${reasonOf(cause)}`,
      {
        host: host.name,
        cause,
      },
    )
  }
}
