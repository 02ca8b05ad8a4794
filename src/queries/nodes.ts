import { BeltError } from '../errors.ts'
import { askEngine, READ_TIMEOUT_MS, readAnswer, readEngine, understood } from '../hosts/engine-client.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
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

/** Lists the nodes as the manager on `host` sees them. @throws when they cannot be read */
export function readNodes(host: Host, signal?: AbortSignal): Promise<Node[]> {
  return readEngine(host, nodesRequest, parseNodes, { signal })
}

/**
 * Reads one node as the manager on `host` sees it, which costs little even in a large swarm.
 * @throws `no-such-node` when no node has this id; when it cannot be read
 */
export async function readNode(
  host: Host,
  { id, hostname }: Pick<Node, 'id' | 'hostname'>,
  signal?: AbortSignal,
): Promise<Node> {
  const response = await askEngine(host, nodeRequest(id), { signal })
  if (response.status !== 404) return readAnswer(host, response, parseNode)
  throw new BeltError('no-such-node', `${hostname} (${id}) is no longer a node of the swarm`, {
    host: hostname,
    hint: 'belt swarm status lists the nodes',
  })
}

/**
 * Reads one node, as `readNode` does.
 * @returns undefined only if the managers report that no node has this id
 * @throws when it cannot be read
 */
export async function findNode(
  host: Host,
  node: Pick<Node, 'id' | 'hostname'>,
  signal?: AbortSignal,
): Promise<Node | undefined> {
  try {
    return await readNode(host, node, signal)
  } catch (error) {
    if (error instanceof BeltError && error.code === 'no-such-node') return undefined
    throw error
  }
}

/** Lists the states of the nodes as the manager on `host` sees them, at little cost. @throws when they cannot be read */
export async function readNodeStates(host: Host, signal?: AbortSignal): Promise<NodeState[]> {
  const { stdout } = await runChecked(host, nodeStatesCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
  return understood(host, () => parseNodeStates(stdout))
}
