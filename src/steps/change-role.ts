import { BeltError, ExitCode, precheckError, reasonOf } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { readLostAddress } from '../queries/addresses.ts'
import { readMembership } from '../queries/membership.ts'
import { readNode } from '../queries/nodes.ts'
import { type RoleTarget, roleGap } from '../queries/role.ts'
import { Change } from '../record.ts'
import { type Node, roleCommand } from '../remote/nodes.ts'
import { retry, type WaitOptions } from '../retry.ts'
import { awaitDemotion, awaitRole } from '../waits/await-role.ts'
import type { Step } from './step.ts'

const REQUEST_TIMEOUT_MS = 30_000
const RETRY_TIMEOUT_MS = 30_000
const POLL_MS = 500
/** The engine refuses a change with these messages while an earlier change of the node is in progress. */
const TRY_AGAIN = /can't find manager in raft memberlist|update out of sequence/
const LOSS_OF_QUORUM = /would result in a loss of quorum/

/** Changes the role of a node, and waits until the new role is in effect. */
export function changeRole(target: RoleTarget, role: Node['role'], options: WaitOptions = {}): Step {
  const { findManager, node } = target
  const { signal } = options
  const verb = role === 'manager' ? 'promote' : 'demote'
  return {
    title: `${verb} ${node.hostname}`,

    async changes() {
      if ((await roleGap(target, role, signal)) === undefined) return []
      if (role === 'manager') await assertReady(target, signal)
      return [new Change(`${node.hostname} becomes a ${role}`, node.role, role)]
    },

    async run() {
      if (role === 'manager') await awaitDemotion(target, options)
      await retry(async () => request(await findManager(), node, role, signal), {
        ...options,
        deadlineMs: RETRY_TIMEOUT_MS,
        everyMs: POLL_MS,
        retryable: error => TRY_AGAIN.test(reasonOf(error)),
      })
      await awaitRole(target, role, options)
    },
  }
}

async function request(manager: Host, node: Node, role: Node['role'], signal?: AbortSignal): Promise<void> {
  try {
    await runChecked(manager, roleCommand(node.id, role), { timeoutMs: REQUEST_TIMEOUT_MS, signal })
  } catch (cause) {
    if (!LOSS_OF_QUORUM.test(reasonOf(cause))) throw cause
    throw new BeltError('quorum', `the swarm refused: ${reasonOf(cause)}`, {
      exitCode: ExitCode.quorum,
      hint: 'bring the unreachable managers back first; belt swarm status shows them',
      cause,
    })
  }
}

async function assertReady(target: RoleTarget, signal?: AbortSignal): Promise<void> {
  const { findManager, node, host } = target
  const { state, hostname } = await readNode(await findManager(), node, signal)
  if (state === 'ready' && host) return assertAddress(host, target, signal)
  const reason = host ? `the managers report it as ${state}` : 'its host does not answer'
  throw precheckError('not-ready', `${hostname} cannot become a manager: ${reason}`, {
    host: hostname,
    hint: 'a manager that does not answer only raises the quorum; bring the node up first',
  })
}

/** The managers would try to reach it at the address that it advertises, and wait in vain. */
async function assertAddress(
  host: Host,
  { node, addresses = [] }: RoleTarget,
  signal?: AbortSignal,
): Promise<void> {
  const lost = await readLostAddress(host, await readMembership(host, signal), addresses, signal)
  if (lost === undefined) return
  const { hostname } = node
  throw precheckError(
    'wrong-address',
    `${hostname} cannot become a manager: it advertises ${lost}, an address that it has no more`,
    {
      host: host.name,
      hint: `a node keeps the address with which it joined; belt swarm remove ${host.name}, then belt swarm join --manager MANAGER ${host.name}`,
      details: { address: lost },
    },
  )
}
