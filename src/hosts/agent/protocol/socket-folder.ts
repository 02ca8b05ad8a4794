import { statSync } from 'node:fs'
import { lstat, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { precheckError } from '../../../errors.ts'

/** The limit of `sockaddr_un` on all systems, less the suffix of the temporary name. */
const MAX_PATH_BYTES = 92

/**
 * The path of an agent's socket: in `XDG_RUNTIME_DIR` if that is this user's, or else in a folder of the user's in the
 * temporary directory. Under sudo, the variable may name the folder of the user who called it.
 * @param name identifies the agent; commands with the same name share one agent
 * @returns undefined on systems without Unix users
 */
export function socketPathOf(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  const uid = process.getuid?.()
  if (uid === undefined) return undefined
  const runtime = environment.XDG_RUNTIME_DIR
  const candidates = [
    ...(runtime?.startsWith('/') && isOwn(runtime, uid) ? [join(runtime, 'belt')] : []),
    join(tmpdir(), `belt-${uid}`),
    `/tmp/belt-${uid}`,
  ]
  return candidates
    .map(folder => join(folder, `${name}.sock`))
    .find(path => Buffer.byteLength(path) <= MAX_PATH_BYTES)
}

function isOwn(folder: string, uid: number): boolean {
  try {
    const status = statSync(folder, { throwIfNoEntry: false })
    return status === undefined || status.uid === uid
  } catch {
    return false
  }
}

/** Creates the socket's folder, for this user only. @throws a precheck error `unsafe-socket` if others can use it */
export async function makeSocketFolder(socketPath: string): Promise<void> {
  const folder = dirname(socketPath)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const status = await lstat(folder)
  if (!status.isDirectory()) throw unsafe(folder, 'is not a folder')
  refuseOthers(folder, status)
}

/**
 * Whether the socket exists and only this user can have created and reached it. Node cannot query the user of a peer, but
 * only the owner of a folder can reach the sockets in it.
 * @throws a precheck error `unsafe-socket` if others can
 */
export async function checkSocket(socketPath: string): Promise<boolean> {
  const folder = dirname(socketPath)
  try {
    const [ofFolder, ofSocket] = await Promise.all([lstat(folder), lstat(socketPath)])
    if (!ofFolder.isDirectory()) throw unsafe(folder, 'is not a folder')
    refuseOthers(folder, ofFolder)
    refuseOthers(socketPath, ofSocket)
    return ofSocket.isSocket()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

function refuseOthers(path: string, { uid, mode }: { uid: number; mode: number }): void {
  if (uid !== process.getuid?.()) throw unsafe(path, 'belongs to another user')
  if ((mode & 0o077) !== 0) throw unsafe(path, 'is accessible to other users')
}

function unsafe(path: string, reason: string): Error {
  return precheckError('unsafe-socket', `cannot use Belt's agent: ${path} ${reason}`, {
    hint: `remove it, or restrict it to yourself: chmod 700 ${path}`,
  })
}
