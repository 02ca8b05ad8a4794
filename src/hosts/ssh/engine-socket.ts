import type { ClientChannel } from 'ssh2'
import { quote } from '../../remote/command.ts'
import type { Connection } from './connection.ts'
import { Limit, orAborted } from './limit.ts'
import { discard } from './ready-session.ts'

/** Where Docker's own client finds the engine, unless it is told otherwise. */
const DEFAULT_SOCKET = '/var/run/docker.sock'

/** A host that takes longer to look has its engine asked by Docker's client. */
const LOOK_MS = 3_000

/** Somebody may tell Docker's client of another engine while a connection is kept. */
const KNOWN_FOR_MS = 60_000

/** By connection, whether requests to the engine may go to its socket, and since when that is known. */
const known = new WeakMap<Connection, { readonly since: number; readonly leadsThere: Promise<boolean> }>()

/**
 * Opens a connection to a host's engine without a program there: starting a shell and Docker's client for each request
 * takes a host longer than its engine takes to answer, and waiting commands ask managers often (docs/decisions/engine-socket.md).
 * @returns undefined where Docker's client might talk to another engine, or sshd does not lead to its socket
 * @throws HostError when the connection has ended; the signal's reason when aborted
 */
export async function openEngineSocket(
  connection: Connection,
  signal: AbortSignal,
): Promise<ClientChannel | undefined> {
  signal.throwIfAborted()
  if (!(await orAborted(leadsThere(connection), signal))) return undefined
  try {
    const channel = await connection.forwardToSocket(DEFAULT_SOCKET, signal)
    // the engine hangs up behind its answer, which sshd takes for the end of one direction
    return channel.once('end', () => channel.end())
  } catch {
    signal.throwIfAborted()
    connection.throwIfEnded()
    // Docker's client says what is wrong with the engine, or gets there
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

/** Looks whether Docker's client would use the socket: it is told otherwise by its environment, or by a context. */
async function look(connection: Connection): Promise<boolean> {
  const limit = new Limit()
  limit.follow(connection.ended)
  limit.after(LOOK_MS, () => new Error('it does not look'))
  try {
    const channel = await connection.open((client, reply) => client.exec(LOOK, reply), limit.signal)
    // the exit itself may have come together with the answer that the session was begun
    const code = new Promise(resolve => channel.once('close', resolve))
    for (const output of [channel, channel.stderr]) output.resume()
    return (await orAborted(code, limit.signal).finally(() => discard(channel))) === 0
  } catch {
    return false
  } finally {
    limit.release()
  }
}

const LOOK = [
  `test -z "$DOCKER_HOST$DOCKER_CONTEXT$DOCKER_TLS$DOCKER_TLS_VERIFY"`,
  `test -S ${quote(DEFAULT_SOCKET)}`,
  `test -w ${quote(DEFAULT_SOCKET)}`,
  `config="\${DOCKER_CONFIG:-$HOME/.docker}/config.json"`,
  // what cannot be read may name a context
  `{ test ! -e "$config" || { grep -q currentContext "$config"; test $? -eq 1; }; }`,
].join(' && ')
