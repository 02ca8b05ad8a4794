import { X509Certificate } from 'node:crypto'
import type { Service, Task } from '../domain/drain-forecast.ts'
import { BeltError, reasonOf } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import type { Command } from '../remote/command.ts'
import { parseEngineResponse, refusalOf } from '../remote/engine.ts'
import { type Node, nodesCommand, parseNodes } from '../remote/nodes.ts'
import {
  parseServices,
  parseTasks,
  servicesRequest,
  type TaskFilter,
  tasksRequest,
} from '../remote/services.ts'
import { certificateCommand, type Membership, membershipCommand, parseMembership } from '../remote/swarm.ts'

/** How long one read of a swarm's state may take: the engine gives up after 20 s itself. */
const READ_TIMEOUT_MS = 30_000

/** Reads how one host stands to swarms. @throws when it cannot be read: never a guess instead */
export async function readMembership(host: Host, signal?: AbortSignal): Promise<Membership> {
  const { stdout } = await runChecked(host, membershipCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
  return understood(host, () => parseMembership(stdout))
}

/** Lists the nodes as the manager on `host` sees them. @throws when it cannot be read */
export async function readNodes(host: Host, signal?: AbortSignal): Promise<Node[]> {
  const { stdout } = await runChecked(host, nodesCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
  return understood(host, () => parseNodes(stdout))
}

/** What a member's certificate says: unlike the managers' list, this is what is in effect. */
export interface Certificate {
  readonly clusterId: string
  readonly role: 'manager' | 'worker'
}

/** Reads the swarm that a member belongs to, and the role it has in effect. @throws when it cannot be read */
export async function readCertificate(host: Host, signal?: AbortSignal): Promise<Certificate> {
  const { stdout } = await runChecked(host, certificateCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
  return understood(host, () => {
    const { subject } = new X509Certificate(stdout)
    const clusterId = /^O=(.+)$/m.exec(subject)?.[1]
    if (!clusterId) throw new Error('the certificate names no swarm')
    return { clusterId, role: /^OU=swarm-manager$/m.test(subject) ? 'manager' : 'worker' }
  })
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
  const { stdout, stderr } = await host.run(request, { timeoutMs: READ_TIMEOUT_MS, signal })
  const response = parseEngineResponse(stdout)
  if (response?.status === 200) return understood(host, () => parse(response.body))
  const refusal = response ? refusalOf(response) : stderr.trim() || 'its engine gave no answer'
  throw new BeltError('engine-refused', `${host.name}: ${refusal}`, {
    host: host.name,
    hint: `belt --host ${host.name} docker info shows how it stands to its swarm`,
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
