import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { replaceFile } from '../atomic-file.ts'
import { BeltError, reasonOf } from '../errors.ts'
import { readRegularFile } from '../regular-file.ts'

/** Configs may contain a token, so only the user has access. */
export const FILE_MODE = 0o600
export const FOLDER_MODE = 0o700
/** More than any file that Belt writes. */
const MAX_BYTES = 64 * 1024 * 1024

/**
 * Reads a text file.
 * @returns undefined if it does not exist
 * @throws `unreadable-file` if it cannot be read, is no regular file or is too large; it may still exist
 */
export async function readText(path: string): Promise<string | undefined> {
  const bytes = await unlessMissing(path, readRegularFile(path, MAX_BYTES))
  return bytes?.toString('utf8')
}

/** Writes a file atomically and creates its folders. Throws `unwritable-file`. */
export async function writeText(path: string, text: string): Promise<void> {
  await writing(path, async () => {
    await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE })
    await replaceFile(path, text, FILE_MODE)
  })
}

/** Resolves to undefined if nothing exists at `path`. Throws `unreadable-file`. */
export async function unlessMissing<T>(path: string, access: Promise<T>): Promise<T | undefined> {
  try {
    return await access
  } catch (error) {
    if (isMissing(error)) return undefined
    if (error instanceof BeltError) throw error
    throw new BeltError('unreadable-file', `cannot read ${path}: ${reasonOf(error)}`, {
      hint: `check its type and permissions: ls -ld ${path}`,
      cause: error,
    })
  }
}

/** Runs `work`, which writes to `path`; system errors become `unwritable-file` with a hint. */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    throw new BeltError('unwritable-file', `cannot write ${path}: ${reasonOf(error)}`, {
      hint: writeHint((error as NodeJS.ErrnoException).code, path),
      cause: error,
    })
  }
}

function writeHint(code: string | undefined, path: string): string {
  const folder = dirname(path)
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return `the file is unchanged; free up disk space: df -h ${folder}`
  return `the file is unchanged; check that you have write permission: ls -ld ${folder}`
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
}
