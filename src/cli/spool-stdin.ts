import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Belt's standard input, kept so that many hosts can read all of it, each at its own pace. */
export interface Spool {
  read(): Readable
}

/**
 * Reads standard input to its end into a file without a name, which nobody else can open and which is gone with this
 * process.
 */
export async function spoolStdin(signal: AbortSignal): Promise<Spool> {
  const folder = await mkdtemp(join(tmpdir(), 'belt-'))
  const path = join(folder, 'stdin')
  const file = await open(path, 'wx+', 0o600)
  await rm(folder, { recursive: true })
  await pipeline(process.stdin, file.createWriteStream({ autoClose: false }), { signal })
  return { read: () => createReadStream(path, { fd: file.fd, start: 0, autoClose: false }) }
}
