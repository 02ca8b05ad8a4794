import { BeltError, ExitCode } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { readMembership } from '../queries/membership.ts'
import { Change } from '../record.ts'
import { leaveCommand } from '../remote/swarm.ts'
import type { WaitOptions } from '../retry.ts'
import { awaitLeft } from '../waits/await-left.ts'
import type { Step } from './step.ts'

const LEAVE_TIMEOUT_MS = 60_000

/**
 * Removes a host from its swarm, which stops its tasks. Its node stays on the list as down until a manager removes it.
 * @param force lets a manager leave too. It remains a member of the Raft group that never answers, so this is only for
 *   dissolving a whole swarm.
 */
export function leaveSwarm(host: Host, { force }: { force: boolean }, options: WaitOptions = {}): Step {
  const { signal } = options
  return {
    title: `${host.name} leaves its swarm`,

    async changes() {
      const { state, isManager } = await readMembership(host, signal)
      if (state === 'inactive') return []
      if (isManager && !force) {
        throw new BeltError('still-a-manager', `${host.name} is a manager; demote it before it leaves`, {
          exitCode: ExitCode.quorum,
          host: host.name,
          hint: `belt swarm demote ${host.name}, or belt swarm remove ${host.name} for all steps at once`,
        })
      }
      const before = isManager ? 'manager' : `worker, ${state}`
      return [new Change(`${host.name} leaves its swarm`, before, 'in no swarm')]
    },

    async run() {
      await runChecked(host, leaveCommand(force), { timeoutMs: LEAVE_TIMEOUT_MS, signal })
      await awaitLeft(host, options)
    },
  }
}
