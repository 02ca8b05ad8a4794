import { BeltError, ExitCode, precheckError, reasonOf } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { readCertificate } from '../queries/certificate.ts'
import { readMembership } from '../queries/membership.ts'
import { readNode } from '../queries/nodes.ts'
import { Change } from '../record.ts'
import { type Node, roleCommand } from '../remote/nodes.ts'
import { retry } from '../retry.ts'
import type { Step } from './step.ts'

const REQUEST_TIMEOUT_MS = 30_000
/** Longer than an election, which the demotion of a leader begins. */
const GATE_TIMEOUT_MS = 120_000
const SETTLE_TIMEOUT_MS = 30_000
const POLL_MS = 500
/** What the engine says when an earlier change of this node has not come to an end. */
const TRY_AGAIN = /can't find manager in raft memberlist|update out of sequence/
const LOSS_OF_QUORUM = /would result in a loss of quorum/

export interface RoleTarget {
  /**
   * Finds a manager to ask, anew each time, as one may go away meanwhile: never the node itself, which loses its
   * connections as its role changes.
   */
  readonly findManager: () => Promise<Host>
  readonly node: Node
  /** The node's own host; undefined when it gives no answer. */
  readonly host: Host | undefined
}

/**
 * Gives a node another role, and waits until it has become so: in the managers' list, on the host itself, and in its
 * certificate, which follows seconds later. A host that is stopped before that starts again as what it was.
 */
export function changeRole(target: RoleTarget, role: Node['role'], signal?: AbortSignal): Step {
  const { findManager, node } = target
  const verb = role === 'manager' ? 'promote' : 'demote'
  return {
    title: `${verb} ${node.hostname}`,

    async changes() {
      const lacks = await lackOf(target, role, signal)
      if (lacks === undefined) return []
      if (role === 'manager') await refuseUnfit(target, signal)
      return [new Change(`${node.hostname} becomes a ${role}`, node.role, role)]
    },

    async run() {
      if (role === 'manager') await settled(target, signal)
      await retry(async () => request(await findManager(), node, role, signal), {
        deadlineMs: SETTLE_TIMEOUT_MS,
        everyMs: POLL_MS,
        signal,
        retryable: error => TRY_AGAIN.test(reasonOf(error)),
      })
      await retry(() => expectRole(target, role, signal), {
        deadlineMs: GATE_TIMEOUT_MS,
        everyMs: POLL_MS,
        signal,
      })
    },
  }
}

async function request(manager: Host, node: Node, role: Node['role'], signal?: AbortSignal): Promise<void> {
  try {
    await runChecked(manager, roleCommand(node.id, role), { timeoutMs: REQUEST_TIMEOUT_MS, signal })
  } catch (cause) {
    if (!LOSS_OF_QUORUM.test(reasonOf(cause))) throw cause
    throw new BeltError('quorum', `refused by the swarm itself: ${reasonOf(cause)}`, {
      exitCode: ExitCode.quorum,
      hint: 'bring the unreachable managers back first; belt swarm status shows them',
      cause,
    })
  }
}

async function expectRole(target: RoleTarget, role: Node['role'], signal?: AbortSignal): Promise<void> {
  const lacks = await lackOf(target, role, signal)
  if (lacks === undefined) return
  const { hostname } = target.node
  throw new BeltError('role-incomplete', `${hostname} has not become a ${role} yet: ${lacks}`, {
    host: hostname,
    hint: `do not stop it now; belt swarm status shows how it goes on, and the same command again waits for it`,
  })
}

/** What keeps a node from having a role in effect; undefined when nothing does. */
async function lackOf(
  target: RoleTarget,
  role: Node['role'],
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { role: meant, reachability } = await readNode(await target.findManager(), target.node, signal)
  if (meant !== role) return `the managers list it as a ${meant}`
  if (role === 'worker' && reachability !== undefined) return 'the managers still count it among them'
  if (role === 'manager' && reachability !== 'reachable')
    return `to the managers it is ${reachability ?? 'no manager yet'}`
  return target.host && lackOnHost(target.host, role, signal)
}

async function lackOnHost(host: Host, role: Node['role'], signal?: AbortSignal): Promise<string | undefined> {
  const membership = await readMembership(host, signal)
  if (membership.error) return membership.error
  if (membership.state !== 'active') return `its own state is ${membership.state}`
  if (membership.isManager !== (role === 'manager')) return 'its engine has not followed'
  const certificate = await readCertificate(host, signal)
  return certificate.role === role ? undefined : `its certificate still is a ${certificate.role}'s`
}

async function refuseUnfit({ findManager, node, host }: RoleTarget, signal?: AbortSignal): Promise<void> {
  const { state, hostname } = await readNode(await findManager(), node, signal)
  if (state === 'ready' && host) return
  const reason = host ? `to the managers it is ${state}` : 'its host does not answer'
  throw precheckError('not-ready', `${hostname} cannot become a manager: ${reason}`, {
    host: hostname,
    hint: 'a manager that is not there only raises the quorum; bring it up first',
  })
}

/** Waits for the end of an earlier demotion: a manager made of a node that still is one has crashed engines. */
async function settled(target: RoleTarget, signal?: AbortSignal): Promise<void> {
  const { role } = await readNode(await target.findManager(), target.node, signal)
  if (role === 'manager') return
  await retry(() => expectRole(target, 'worker', signal), {
    deadlineMs: SETTLE_TIMEOUT_MS,
    everyMs: POLL_MS,
    signal,
  })
}
