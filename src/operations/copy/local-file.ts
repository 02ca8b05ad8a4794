import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { quote } from '../../domain/quote.ts'
import { precheckError, reasonOf, usageError } from '../../errors.ts'

/** A file here that is sent to hosts. */
export interface LocalFile {
  readonly path: string
  /** In bytes. */
  readonly size: number
  /** Such as 0o644. */
  readonly mode: number
  /** In hexadecimal. */
  readonly sha256: string
}

/**
 * Looks at a file before it is sent: what arrives is compared with what it was now.
 * @throws a usage error when it is no file; a precheck error when it cannot be read
 */
export async function readLocalFile(path: string, signal: AbortSignal): Promise<LocalFile> {
  try {
    const stats = await stat(path)
    if (stats.isDirectory()) throw isDirectory(path)
    if (!stats.isFile())
      throw usageError('not-a-file', `${path} is not a regular file`, { hint: `ls -l ${path}` })
    const hash = createHash('sha256')
    await pipeline(createReadStream(path), hash, { signal })
    return { path, size: stats.size, mode: stats.mode & 0o777, sha256: hash.digest('hex') }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw usageError('no-such-file', `${path} does not exist here`, { hint: 'ls' })
    if (code !== 'EACCES' && code !== 'EIO') throw error
    throw precheckError('unreadable-file', `cannot read ${path}: ${reasonOf(error)}`, { cause: error })
  }
}

function isDirectory(path: string) {
  const tar = `tar -C ${quote(dirname(path))} -c ${quote(basename(path))}`
  return usageError('is-a-directory', `${path} is a directory, and belt cp copies files`, {
    hint: `${tar} | belt exec NODES --stdin -- tar -C /WHERE -x`,
  })
}
