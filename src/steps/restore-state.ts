import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { BeltError, reasonOf } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { receive } from '../hosts/receive.ts'
import { RemoteCommandError, runChecked } from '../hosts/run-checked.ts'
import { readMembership } from '../queries/membership.ts'
import { inContext } from '../record.ts'
import { restoreStateCommand, settleStateCommand } from '../remote/swarm-state.ts'
import { retry } from '../retry.ts'
import type { Spool } from '../spool.ts'

const PUT_TIMEOUT_MS = 900_000
const START_TIMEOUT_MS = 60_000
const SETTLE_TIMEOUT_MS = 30_000
const POLL_MS = 500

/** The state of a swarm, as it was saved. */
export interface SavedState {
  /** A `tar.gz`. */
  readonly archive: Spool
  /** In hexadecimal. */
  readonly sha256: string
}

/**
 * Puts a saved state in the place of the one that a host has, which is moved aside.
 * @returns the folder on the host of what was there before the first try; undefined when there was nothing
 * @throws `not-put` when the host is as it was before
 */
export async function restoreState(
  host: Host,
  state: SavedState,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const moment = new Date().toISOString().replace(/\D/g, '')
  const printed = new PassThrough()
  const [aside] = await Promise.all([
    text(printed),
    inContext({ title: `Put a saved state on ${host.name}` }, () =>
      receive(host, restoreStateCommand(state.sha256, `swarm.before-${moment}`), printed, {
        stdin: state.archive.read(),
        timeoutMs: PUT_TIMEOUT_MS,
        signal,
      }),
    ),
  ]).catch(cause => {
    throw cause instanceof RemoteCommandError ? notPut(host, cause) : cause
  })
  return aside.trim() || undefined
}

/** Waits until an engine that was started tells how it stands to swarms. */
export async function awaitEngine(host: Host, signal?: AbortSignal): Promise<void> {
  await retry(() => readMembership(host, signal), {
    deadlineMs: START_TIMEOUT_MS,
    everyMs: POLL_MS,
    signal,
  })
}

/**
 * Makes a state that was put on a host its own, once a cluster was made of it.
 * @returns the folder of what was there before, which is told once; undefined when there was nothing
 */
export async function settleState(host: Host, signal?: AbortSignal): Promise<string | undefined> {
  const { stdout } = await inContext({ title: `Settle the restored state of ${host.name}` }, () =>
    runChecked(host, settleStateCommand, { timeoutMs: SETTLE_TIMEOUT_MS, signal }),
  )
  return stdout.trim() || undefined
}

function notPut(host: Host, cause: RemoteCommandError): BeltError {
  return new BeltError(
    'not-put',
    `the state was not put on ${host.name}, which has what it had: ${reasonOf(cause)}`,
    {
      host: host.name,
      hint: `look for what failed on ${host.name} (the space: belt exec ${host.name} -- df -h), then run it again`,
      cause,
    },
  )
}
