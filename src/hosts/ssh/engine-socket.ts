import type { ClientChannel } from 'ssh2'
import { quote } from '../../domain/quote.ts'
import { DEFAULT_SOCKET } from '../../remote/rights.ts'
import type { Connection } from './connection.ts'
import { orAborted } from './limit.ts'
import { probe } from './probe.ts'

/** If the check of a host takes longer, Docker's client is used. */
const LOOK_MS = 3_000

/** The configuration of Docker's client may change while a connection is open. */
const KNOWN_FOR_MS = 60_000

/** For each connection, whether requests may use the engine's socket, and when that was checked. */
const known = new WeakMap<Connection, { readonly since: number; readonly leadsThere: Promise<boolean> }>()

/**
 * Opens a connection to a host's engine without a remote program. Starting a shell and Docker's client for each request
 * takes longer than the engine takes to answer, and waits poll managers often (docs/decisions/engine-socket.md).
 * @returns undefined if Docker's client might use another engine, or sshd does not forward to the socket
 * @throws HostError if the connection has ended; the signal's reason if aborted
 */
export async function openEngineSocket(
  connection: Connection,
  signal: AbortSignal,
): Promise<ClientChannel | undefined> {
  signal.throwIfAborted()
  if (!(await orAborted(leadsThere(connection), signal))) return undefined
  try {
    const channel = await connection.forwardToSocket(DEFAULT_SOCKET, signal)
    // The engine closes the connection after its answer; sshd treats that as the end of one direction only.
    return channel.once('end', () => channel.end())
  } catch {
    signal.throwIfAborted()
    connection.throwIfEnded()
    // Docker's client either reaches the engine or reports what is wrong.
    remember(connection, Promise.resolve(false))
    return undefined
  }
}

function leadsThere(connection: Connection): Promise<boolean> {
  const before = known.get(connection)
  if (before && performance.now() - before.since < KNOWN_FOR_MS) return before.leadsThere
  return remember(connection, look(connection))
}

function remember(connection: Connection, leadsThere: Promise<boolean>): Promise<boolean> {
  known.set(connection, { since: performance.now(), leadsThere })
  return leadsThere
}

/** Checks that Docker's client would use the socket, and that no variable or context selects another engine. */
async function look(connection: Connection): Promise<boolean> {
  return probe(connection, LOOK, LOOK_MS).then(
    ({ code }) => code === 0,
    () => false,
  )
}

const LOOK = [
  `test -z "$DOCKER_HOST$DOCKER_CONTEXT$DOCKER_TLS$DOCKER_TLS_VERIFY"`,
  `test -S ${quote(DEFAULT_SOCKET)}`,
  `test -w ${quote(DEFAULT_SOCKET)}`,
  `config="\${DOCKER_CONFIG:-$HOME/.docker}/config.json"`,
  // An unreadable config may set a context.
  `{ test ! -e "$config" || { grep -q currentContext "$config"; test $? -eq 1; }; }`,
].join(' && ')
