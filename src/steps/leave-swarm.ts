import { BeltError, ExitCode } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { readMembership } from '../queries/membership.ts'
import { Change } from '../record.ts'
import { leaveCommand } from '../remote/swarm.ts'
import { retry } from '../retry.ts'
import type { Step } from './step.ts'

const LEAVE_TIMEOUT_MS = 60_000
const GATE_TIMEOUT_MS = 30_000
const POLL_MS = 500

/**
 * Takes a host out of its swarm, which stops its tasks. Its node stays listed, as down, until a manager removes it.
 * @param force also when it is a manager: it stays a member of the Raft group that never answers again, so this is
 *   only for the end of a whole swarm
 */
export function leaveSwarm(host: Host, { force }: { force: boolean }, signal?: AbortSignal): Step {
  return {
    title: `${host.name} leaves its swarm`,

    async changes() {
      const { state, isManager } = await readMembership(host, signal)
      if (state === 'inactive') return []
      if (isManager && !force) {
        throw new BeltError(
          'still-a-manager',
          `${host.name} is a manager, and cannot leave before it is demoted`,
          {
            exitCode: ExitCode.quorum,
            host: host.name,
            hint: `belt swarm demote ${host.name}, or belt swarm remove ${host.name} for the whole way`,
          },
        )
      }
      const before = isManager ? 'manager' : `worker, ${state}`
      return [new Change(`${host.name} leaves its swarm`, before, 'in no swarm')]
    },

    async run() {
      await runChecked(host, leaveCommand(force), { timeoutMs: LEAVE_TIMEOUT_MS, signal })
      await retry(() => expectOutside(host, signal), {
        deadlineMs: GATE_TIMEOUT_MS,
        everyMs: POLL_MS,
        signal,
      })
    },
  }
}

async function expectOutside(host: Host, signal?: AbortSignal): Promise<void> {
  const { state } = await readMembership(host, signal)
  if (state === 'inactive') return
  throw new BeltError('leave-incomplete', `${host.name} has not left its swarm yet: its state is ${state}`, {
    host: host.name,
    hint: `belt --host ${host.name} docker info shows why`,
  })
}
