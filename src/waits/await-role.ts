import { BeltError } from '../errors.ts'
import { readNode } from '../queries/nodes.ts'
import { type RoleTarget, roleGap } from '../queries/role.ts'
import type { Node } from '../remote/nodes.ts'
import { retry, type WaitOptions } from '../retry.ts'

/** Longer than an election, which the demotion of a leader starts. */
const ROLE_TIMEOUT_MS = 120_000
const DEMOTION_TIMEOUT_MS = 30_000
const POLL_MS = 500

/**
 * Waits until a role is in effect. A host that is stopped before then starts again with its old role.
 * @throws `role-incomplete` with what is missing
 */
export function awaitRole(
  target: RoleTarget,
  role: Node['role'],
  options: WaitOptions = {},
  deadlineMs = ROLE_TIMEOUT_MS,
): Promise<void> {
  return retry(() => expectRole(target, role, options.signal), { ...options, deadlineMs, everyMs: POLL_MS })
}

/** Waits for an earlier demotion to finish: engines have crashed when a node was promoted before that. */
export async function awaitDemotion(target: RoleTarget, options: WaitOptions = {}): Promise<void> {
  const { role } = await readNode(await target.findManager(), target.node, options.signal)
  if (role !== 'manager') await awaitRole(target, 'worker', options, DEMOTION_TIMEOUT_MS)
}

async function expectRole(target: RoleTarget, role: Node['role'], signal?: AbortSignal): Promise<void> {
  const gap = await roleGap(target, role, signal)
  if (gap === undefined) return
  const { hostname } = target.node
  throw new BeltError('role-incomplete', `${hostname} is not a ${role} yet: ${gap}`, {
    host: hostname,
    hint: 'do not stop it now; belt swarm status shows its progress, and the same command waits for it again',
  })
}
