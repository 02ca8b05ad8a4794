import type { FileHandle } from 'node:fs/promises'
import { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { linkTarget, replaceFileBy } from '../../atomic-file.ts'
import { BeltError, reasonOf } from '../../errors.ts'
import { readFailure } from '../../hosts/file-failure.ts'
import type { Host } from '../../hosts/host.ts'
import { describeFileCommand, parseFileDescription, readFileCommand } from '../../remote/files.ts'
import { type TransferOptions, transfer } from './transfer.ts'

/** Where a file of a host is written here. */
export interface FetchTarget {
  readonly path: string
  /** Unless told, the mode that it has on the host. */
  readonly mode: number | undefined
}

/**
 * Reads a file of a host into a file here, complete or not at all.
 * @returns its size in bytes
 * @throws BeltError when the host says why it cannot, when the file shrank meanwhile, or when it cannot be written
 *   here; HostError
 */
export async function fetchFile(
  host: Host,
  path: string,
  target: FetchTarget,
  options: TransferOptions,
): Promise<number> {
  const description = await host.run(describeFileCommand(path), {
    signal: options.signal,
    slot: options.turn,
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
  })
  if (description.code !== 0) throw readFailure(host.name, path, description)
  const { size, mode } = parseFileDescription(description.stdout)
  const write = (file: FileHandle) => receive(host, { path, size }, file, options)
  await replaceFileBy(await linkTarget(target.path), target.mode ?? mode, write).catch(error => {
    throw error instanceof BeltError && error.code !== 'output-closed'
      ? error
      : unwritable(target.path, error instanceof BeltError ? error.cause : error)
  })
  return size
}

async function receive(
  host: Host,
  { path, size }: { path: string; size: number },
  file: FileHandle,
  options: TransferOptions,
): Promise<void> {
  let received = 0
  let writing: Writable | undefined
  const end = await transfer(
    host,
    readFileCommand(path, size),
    onBytes => {
      writing = fileWriter(file, count => {
        received += count
        onBytes(count)
      })
      return { stdout: writing }
    },
    options,
  )
  if (writing) await finished(writing.end())
  if (end.code !== 0) throw readFailure(host.name, path, end)
  if (received === size) return
  throw new BeltError(
    'fetch-incomplete',
    `${host.name}: ${received} of ${size} bytes of ${path} arrived, because it shrank meanwhile`,
    { host: host.name, hint: 'fetch it again' },
  )
}

function fileWriter(file: FileHandle, onBytes: (count: number) => void): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      file.appendFile(chunk).then(() => {
        onBytes(chunk.length)
        done()
      }, done)
    },
  })
}

function unwritable(path: string, cause: unknown): BeltError {
  const isFull = ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException | undefined)?.code ?? '')
  return new BeltError(isFull ? 'disk-full' : 'unwritable-file', `cannot write ${path}: ${reasonOf(cause)}`, {
    hint: isFull ? 'free some disk space here, and copy again from @failed' : 'check who may write there',
    cause,
  })
}
