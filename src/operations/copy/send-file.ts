import { createReadStream } from 'node:fs'
import { pipeline, Transform } from 'node:stream'
import { writeFailure } from '../../hosts/file-failure.ts'
import type { Host } from '../../hosts/host.ts'
import { inContext } from '../../record.ts'
import { type RemoteFile, writeFileLine } from '../../remote/files.ts'
import type { LocalFile } from './local-file.ts'
import { type TransferOptions, transfer } from './transfer.ts'

/**
 * Writes a file on a host, complete or not at all, read from the disk piece by piece as the host takes it.
 * @throws BeltError when the host says why it cannot, or when what arrived is not what the file was; HostError
 */
export async function sendFile(
  host: Host,
  file: LocalFile,
  target: Pick<RemoteFile, 'path' | 'mode' | 'owner'>,
  options: TransferOptions,
): Promise<void> {
  const { size, sha256 } = file
  const source = createReadStream(file.path)
  try {
    const write = { shell: writeFileLine({ ...target, size, sha256 }) }
    const end = await inContext({ title: `Write ${target.path}` }, () =>
      transfer(host, write, onBytes => ({ stdin: pipeline(source, meter(onBytes), () => {}) }), options),
    )
    if (end.code !== 0) throw writeFailure(host.name, target.path, end)
  } finally {
    source.destroy()
  }
}

function meter(onBytes: (count: number) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length)
      done(null, chunk)
    },
  })
}
