import { randomUUID } from 'node:crypto'
import { type FileHandle, open, realpath, rename, rm, writeFile } from 'node:fs/promises'

/**
 * Replaces a file's content, complete or not at all: a temporary file beside it, then a rename. A symbolic link stays
 * one. Own code because write-file-atomic (7.0) does not notice a short write: on a full disk it puts half the text in
 * place and resolves.
 * @param mode such as 0o600, also when the file exists with another one
 * @throws the system's error; the old content is then intact and the temporary file gone
 */
export function replaceFile(
  path: string,
  content: string | AsyncIterable<Uint8Array>,
  mode: number,
): Promise<void> {
  return replaceFileBy(path, mode, file => writeFile(file, content))
}

/** The same for content that `write` puts into the file piece by piece. */
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
