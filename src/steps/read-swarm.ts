import { X509Certificate } from 'node:crypto'
import { BeltError, reasonOf } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import {
  certificateCommand,
  type Membership,
  membershipCommand,
  type Node,
  nodesCommand,
  parseMembership,
  parseNodes,
} from '../remote/swarm.ts'

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

/** Reads the id of the swarm that a member belongs to, from its certificate. @throws when it cannot be read */
export async function readClusterId(host: Host, signal?: AbortSignal): Promise<string> {
  const { stdout } = await runChecked(host, certificateCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
  return understood(host, () => {
    const organisation = /^O=(.+)$/m.exec(new X509Certificate(stdout).subject)?.[1]
    if (!organisation) throw new Error('the certificate names no swarm')
    return organisation
  })
}

function understood<T>(host: Host, parse: () => T): T {
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
