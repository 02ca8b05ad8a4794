import { randomUUID } from 'node:crypto'
import { type FileHandle, lstat, open, readlink, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { isOwnLink } from './ownership.ts'

/** As many as Linux follows. */
const MOST_LINKS = 40

/**
 * Replaces a file atomically, with a temporary file and a rename. A symbolic link is itself replaced, as it may lead to a
 * file that must not be changed. This is our own code because write-file-atomic (7.0) ignores short writes: on a full disk
 * it replaces the file with half the text.
 * @param mode such as 0o600; also applied to an existing file
 * @throws the system's error; the old content is then unchanged and the temporary file is removed
 */
export function replaceFile(
  path: string,
  content: string | AsyncIterable<Uint8Array>,
  mode: number,
): Promise<void> {
  return replaceFileBy(path, mode, file => writeFile(file, content))
}

/** Like `replaceFile`, for content that `write` writes piece by piece. */
export async function replaceFileBy(
  path: string,
  mode: number,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    const file = await open(temporary, 'wx', mode)
    try {
      await write(file)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw error
  }
}

/** Where a write to a file of the user's goes: through symbolic links that the user made, but no others. */
export async function linkTarget(path: string): Promise<string> {
  let target = path
  for (let links = 0; links < MOST_LINKS; links += 1) {
    const status = await lstat(target).catch(() => undefined)
    if (!status?.isSymbolicLink() || !isOwnLink(status)) return target
    target = resolve(dirname(target), await readlink(target))
  }
  return path
}
