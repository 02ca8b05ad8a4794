import type { Stats } from 'node:fs'
import { lstat, realpath, stat } from 'node:fs/promises'
import { delimiter, dirname, resolve, sep } from 'node:path'
import { precheckError } from '../errors.ts'
import { isChangeableByOthers, isTrustedUser } from '../ownership.ts'
import { unlessMissing } from './files.ts'

/** Lists the folders in which anybody's files are trusted, as git's `safe.directory` does; `*` means all. */
const SAFE_VARIABLE = 'BELT_SAFE_DIRECTORY'

/** Throws `unsafe-file` if others could have written what the status belongs to. */
export type TrustCheck = (status: Stats) => void

/**
 * Checks whose a config or a folder of Belt's is. Whoever writes it decides where commands, keys and tokens go, so one that
 * Belt finds by itself must belong to the user (or root) and be changeable by nobody else.
 * @param path may be a symbolic link, which must belong to the user too
 * @returns the check for the file itself, to be made on the opened file
 * @throws a precheck error `unsafe-file`
 */
export async function trustCheck(path: string): Promise<TrustCheck> {
  if (await isDeclaredSafe(path)) return () => {}
  const status = await unlessMissing(path, lstat(path))
  if (status?.isSymbolicLink()) assertOwner(path, status)
  return target => {
    assertOwner(path, target)
    if (isChangeableByOthers(target)) throw changeable(path)
  }
}

/** Checks a folder that may not exist. Throws `unsafe-file`. */
export async function assertTrustedFolder(path: string): Promise<void> {
  const status = await unlessMissing(path, stat(path))
  if (status) (await trustCheck(path))(status)
}

function assertOwner(path: string, { uid }: Stats): void {
  if (isTrustedUser(uid)) return
  throw unsafe(
    path,
    `belongs to another user (uid ${uid})`,
    `take it over: chown -h ${process.geteuid?.()} ${path}`,
  )
}

function changeable(path: string): Error {
  return unsafe(path, 'can be changed by other users', `run: chmod go-w ${path}`)
}

function unsafe(path: string, reason: string, remedy: string): Error {
  const safe = `export ${SAFE_VARIABLE}=${dirname(path)}`
  return precheckError('unsafe-file', `${path} ${reason}, so Belt does not use it`, {
    hint: `if you trust its content, ${remedy}\nto trust all files in its folder: ${safe}`,
    details: { path },
  })
}

async function isDeclaredSafe(path: string): Promise<boolean> {
  const entries = (process.env[SAFE_VARIABLE] ?? '').split(delimiter).filter(entry => entry !== '')
  if (entries.includes('*')) return true
  const folders = await Promise.all(entries.map(entry => realpath(entry).catch(() => resolve(entry))))
  return folders.some(folder => path.startsWith(folder.endsWith(sep) ? folder : folder + sep))
}
