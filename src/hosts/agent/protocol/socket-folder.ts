import { lstat, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { precheckError } from '../../../errors.ts'

/** What fits into `sockaddr_un` everywhere, less what is put behind the path while the socket is made. */
const MAX_PATH_BYTES = 92

/**
 * Where the socket of an agent is: in `XDG_RUNTIME_DIR`, else in a folder of the user's among the temporary ones.
 * @param name tells agents apart: those that it is the same for may stand in for each other
 * @returns undefined where there are no users to tell apart
 */
export function socketPathOf(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  const uid = process.getuid?.()
  if (uid === undefined) return undefined
  const runtime = environment.XDG_RUNTIME_DIR
  const candidates = [
    ...(runtime?.startsWith('/') ? [join(runtime, 'belt')] : []),
    join(tmpdir(), `belt-${uid}`),
    `/tmp/belt-${uid}`,
  ]
  return candidates
    .map(folder => join(folder, `${name}.sock`))
    .find(path => Buffer.byteLength(path) <= MAX_PATH_BYTES)
}

/** Makes the socket's folder, for this user alone. @throws a precheck error `unsafe-socket` when it is another's */
export async function makeSocketFolder(socketPath: string): Promise<void> {
  const folder = dirname(socketPath)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const status = await lstat(folder)
  if (!status.isDirectory()) throw unsafe(folder, 'it is no folder')
  refuseOthers(folder, status)
}

/**
 * Whether a socket is there that nobody but this user can have made or reached. Node cannot ask for a peer's user, but
 * only the owner of the folder gets at the sockets in it.
 * @throws a precheck error `unsafe-socket` when others may
 */
export async function checkSocket(socketPath: string): Promise<boolean> {
  const folder = dirname(socketPath)
  try {
    const [ofFolder, ofSocket] = await Promise.all([lstat(folder), lstat(socketPath)])
    if (!ofFolder.isDirectory()) throw unsafe(folder, 'it is no folder')
    refuseOthers(folder, ofFolder)
    refuseOthers(socketPath, ofSocket)
    return ofSocket.isSocket()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

function refuseOthers(path: string, { uid, mode }: { uid: number; mode: number }): void {
  if (uid !== process.getuid?.()) throw unsafe(path, 'it belongs to another user')
  if ((mode & 0o077) !== 0) throw unsafe(path, 'others may use it')
}

function unsafe(path: string, reason: string): Error {
  return precheckError('unsafe-socket', `Belt's agent cannot be used: ${path} is not safe, ${reason}`, {
    hint: `remove it, or allow only yourself: chmod 700 ${path}`,
  })
}
