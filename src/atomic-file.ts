import { randomUUID } from 'node:crypto'
import { type FileHandle, open, realpath, rename, rm, writeFile } from 'node:fs/promises'

/**
 * Replaces a file's content atomically, with a temporary file and a rename. Follows symbolic links. This is our own code
 * because write-file-atomic (7.0) ignores short writes: on a full disk it replaces the file with half the text.
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
  const target = await realpath(path).catch(() => path)
  const temporary = `${target}.${randomUUID()}.tmp`
  try {
    const file = await open(temporary, 'wx', mode)
    try {
      await write(file)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw error
  }
}
