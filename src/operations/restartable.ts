import type { Machine } from '../drivers/driver.ts'
import { type BeltError, precheckError } from '../errors.ts'
import { understood } from '../hosts/engine-client.ts'
import { failureLines } from '../hosts/failure-lines.ts'
import { type FailedAnswer, failedOf, fanOut } from '../hosts/fan-out.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { readMembership } from '../queries/membership.ts'
import { type HostFacts, hostFactsCommand, parseHostFacts } from '../remote/host-facts.ts'
import type { Fleet } from './fleet.ts'

/** The error code for a host whose engine would not start again. */
export const LIVE_RESTORE = 'live-restore'

const READ_TIMEOUT_MS = 60_000

/**
 * Checks that the engines of machines start again after a stop. Engines outside a swarm always do.
 * @throws a precheck error that names all hosts whose engines would not, or that cannot be read
 */
export async function assertHostsRestartable(fleet: Fleet, machines: readonly Machine[]): Promise<void> {
  const answers = await fanOut(
    machines,
    machine => assertRestartable(fleet.host(machine), fleet.signal),
    fleet,
  )
  assertChecksPassed(failedOf(answers))
}

/** @throws when the engine of a host would not start again as a member of its swarm, or when that cannot be read */
export async function assertRestartable(host: Host, signal: AbortSignal): Promise<void> {
  const { state } = await readMembership(host, signal)
  const refusal = state === 'inactive' ? undefined : restartRefusal(host.name, await readFacts(host, signal))
  if (refusal) throw refusal
}

/** Reads what must be right on a host before its engine is stopped. @throws when it cannot be read */
export async function readFacts(host: Host, signal: AbortSignal): Promise<HostFacts> {
  const { stdout } = await runChecked(host, hostFactsCommand, { timeoutMs: READ_TIMEOUT_MS, signal })
  return understood(host, () => parseHostFacts(stdout))
}

/** Why the engine of a member of a swarm would not start again; undefined when it would. */
export function restartRefusal(name: string, { liveRestore }: HostFacts): BeltError | undefined {
  if (!liveRestore) return undefined
  return precheckError(
    LIVE_RESTORE,
    `the engine of ${name} has live-restore on: as a member of a swarm it does not start again`,
    {
      host: name,
      hint: `set "live-restore": false in /etc/docker/daemon.json there, and reload it: belt exec ${name} -- pkill -HUP dockerd`,
    },
  )
}

/** @throws a precheck error that names all hosts that failed a check, equal causes once, when there are any */
export function assertChecksPassed(failures: readonly FailedAnswer[]): void {
  const [first] = failures
  if (!first) return
  throw precheckError(first.error.code, failureLines(failures).join('\n'), {
    ...(first.error.hint && { hint: first.error.hint }),
    details: { hosts: failures.map(({ host }) => host) },
  })
}
