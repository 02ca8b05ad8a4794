import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { replaceFile } from '../atomic-file.ts'
import { BeltError, reasonOf } from '../errors.ts'

/** Configs may hold a token, so nobody but the user gets in. */
export const FILE_MODE = 0o600
export const FOLDER_MODE = 0o700

/**
 * Reads a text file.
 * @returns undefined when it does not exist
 * @throws `unreadable-file` when it cannot be read, which does not mean that it is not there
 */
export function readText(path: string): Promise<string | undefined> {
  return unlessMissing(path, readFile(path, 'utf8'))
}

/** Writes a file, complete or not at all, with its folders. Throws `unwritable-file`. */
export async function writeText(path: string, text: string): Promise<void> {
  await writing(path, async () => {
    await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE })
    await replaceFile(path, text, FILE_MODE)
  })
}

/** What a look at the file system finds, undefined when nothing is there. Throws `unreadable-file`. */
export async function unlessMissing<T>(path: string, look: Promise<T>): Promise<T | undefined> {
  try {
    return await look
  } catch (error) {
    if (isMissing(error)) return undefined
    throw new BeltError('unreadable-file', `cannot read ${path}: ${reasonOf(error)}`, {
      hint: `check what it is and who may read it: ls -ld ${path}`,
      cause: error,
    })
  }
}

/** Does work that writes at `path`; the system's refusals become `unwritable-file`, with what to do. */
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
    return `nothing was changed; make room on the disk: df -h ${folder}`
  return `nothing was changed; check that you may write there: ls -ld ${folder}`
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
}
