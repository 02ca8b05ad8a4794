import type { Need, ProcessCommand } from '../../remote/command.ts'
import { parseWay, type Way, wayScript } from '../../remote/rights.ts'
import { denied, HostError } from '../errors.ts'
import type { HostAddress } from '../host.ts'
import type { Connection } from './connection.ts'
import { orAborted } from './limit.ts'
import { probe } from './probe.ts'

/** sudo may have to ask a directory for its rules. */
const ASK_MS = 8_000

/** A command that the login user may run, as it is or through sudo. */
export type Permitted = ProcessCommand & { readonly throughSudo?: boolean }

type PermittedWay = Exclude<Way, { kind: 'refused' }>

/** For each connection, how its user gets what commands need. The user called root is not asked about. */
const known = new WeakMap<Connection, Map<Need, Promise<PermittedWay>>>()

/**
 * Finds out how the login user may run a command.
 * @throws as `wayTo` does
 */
export async function permitted(
  connection: Connection,
  command: ProcessCommand,
  signal: AbortSignal,
): Promise<Permitted> {
  const { needs } = command
  if (needs === undefined) return command
  return (await wayTo(connection, needs, signal)).kind === 'sudo'
    ? { ...command, throughSudo: true }
    : command
}

/**
 * Finds out how the login user gets what commands need, once for each connection. A refusal is asked about again, because
 * somebody may allow it.
 * @throws `root-denied` or `engine-denied` (exit code 3) if the user may not; HostError if the host does not answer; the
 *   signal's reason if aborted
 */
export async function wayTo(connection: Connection, need: Need, signal: AbortSignal): Promise<PermittedWay> {
  signal.throwIfAborted()
  if (isRoot(connection.target)) return { kind: 'own' }
  const ways = known.get(connection) ?? new Map<Need, Promise<PermittedWay>>()
  known.set(connection, ways)
  const way = ways.get(need) ?? ask(connection, need)
  ways.set(need, way)
  const forget = () => void ways.delete(need)
  way.then(({ kind }) => kind === 'absent' && forget(), forget)
  return orAborted(way, signal)
}

/** Whether the login user has all rights, as the name says, unless ssh_config may give another name. */
export function isRoot({ user, fromSshConfig }: HostAddress): boolean {
  return user === 'root' && !fromSshConfig?.includes('user')
}

async function ask(connection: Connection, need: Need): Promise<PermittedWay> {
  const { target } = connection
  const { code, stdout } = await probe(connection, wayScript(need), ASK_MS)
  const way = parseWay(stdout)
  if (!way) {
    const message = `${target.name} does not say what ${target.user} may do (exit code ${code})`
    throw new HostError('failed', target.name, message)
  }
  if (way.kind === 'refused') throw denied({ name: target.name, ...way }, need)
  return way
}
