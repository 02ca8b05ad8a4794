import { randomUUID } from 'node:crypto'
import { open, realpath, rename, rm } from 'node:fs/promises'

/**
 * Replaces a file's content, complete or not at all: a temporary file beside it, then a rename. A symbolic link stays
 * one. Own code because write-file-atomic (7.0) does not notice a short write: on a full disk it puts half the text in
 * place and resolves.
 * @param mode such as 0o600, also when the file exists with another one
 * @throws the system's error; the old content is then intact and the temporary file gone
 */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const target = await realpath(path).catch(() => path)
  const temporary = `${target}.${randomUUID()}.tmp`
  try {
    const file = await open(temporary, 'wx', mode)
    try {
      await file.writeFile(text)
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
