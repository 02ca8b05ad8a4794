import { constants, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

const MIB = 1024 * 1024

/**
 * Reads a file that a person wrote or that came with a folder. A pipe could block forever and a device could fill the
 * memory, so only regular files are read, and only up to a limit.
 * @param check may refuse the file that was opened, which another one may replace at any time
 * @throws the system's error; an Error if it is no regular file or larger than the limit
 */
export async function readRegularFile(
  path: string,
  limitBytes = 16 * MIB,
  check?: (stats: Stats) => void,
): Promise<Buffer> {
  // Without O_NONBLOCK, opening a pipe waits for a writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = await file.stat()
    if (stats.isDirectory()) throw new Error('it is a folder')
    if (!stats.isFile()) throw new Error('it is not a regular file')
    check?.(stats)
    return await readUpTo(file, limitBytes)
  } finally {
    await file.close()
  }
}

/** Does not trust the size in the file's status: the file may be growing. */
async function readUpTo(file: FileHandle, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(64 * 1024), 0)
    if (bytesRead === 0) return Buffer.concat(chunks)
    chunks.push(buffer.subarray(0, bytesRead))
    size += bytesRead
    if (size > limitBytes) throw new Error(`it is larger than ${limitBytes / MIB} MiB`)
  }
}
