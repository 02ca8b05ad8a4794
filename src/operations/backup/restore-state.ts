import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { BeltError, reasonOf } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import { receive } from '../../hosts/receive.ts'
import { RemoteCommandError, runChecked } from '../../hosts/run-checked.ts'
import { inContext } from '../../record.ts'
import { restoreStateCommand, settleStateCommand } from '../../remote/swarm-state.ts'
import type { Spool } from '../../spool.ts'

const RESTORE_TIMEOUT_MS = 900_000
const SETTLE_TIMEOUT_MS = 30_000

/** The saved state of a swarm. */
export interface SavedState {
  /** A `tar.gz`. */
  readonly archive: Spool
  /** In hexadecimal. */
  readonly sha256: string
}

/**
 * Restores a saved state on a host, and moves the host's own state aside.
 * @returns the folder on the host with the state from before the first attempt; undefined if there was none
 * @throws `not-put` if the host is unchanged
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
    inContext({ title: `Restore a saved state on ${host.name}` }, () =>
      receive(host, restoreStateCommand(state.sha256, `swarm.before-${moment}`), printed, {
        stdin: state.archive.read(),
        timeoutMs: RESTORE_TIMEOUT_MS,
        signal,
      }),
    ),
  ]).catch(cause => {
    throw cause instanceof RemoteCommandError ? notRestored(host, cause) : cause
  })
  return aside.trim() || undefined
}

/**
 * Completes a restore once a cluster was formed from the state.
 * @returns the folder with the host's previous state, reported only once; undefined if there was none
 */
export async function settleState(host: Host, signal?: AbortSignal): Promise<string | undefined> {
  const { stdout } = await inContext({ title: `Complete the restore on ${host.name}` }, () =>
    runChecked(host, settleStateCommand, { timeoutMs: SETTLE_TIMEOUT_MS, signal }),
  )
  return stdout.trim() || undefined
}

function notRestored(host: Host, cause: RemoteCommandError): BeltError {
  return new BeltError(
    'not-put',
    `the state was not restored on ${host.name}, which is unchanged: ${reasonOf(cause)}`,
    {
      host: host.name,
      hint: `fix the cause on ${host.name} (free space: belt exec ${host.name} -- df -h), then run this again`,
      cause,
    },
  )
}
