import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'

const CHUNK_BYTES = 64 * 1024

/**
 * A temporary file without a name. Nobody else can open it, and it disappears with this process, even after a crash.
 */
export class Spool {
  readonly #file: FileHandle

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** Creates an empty spool in the folder for temporary files. */
  static async open(): Promise<Spool> {
    const folder = await mkdtemp(join(tmpdir(), 'belt-'))
    try {
      return new Spool(await open(join(folder, 'spool'), 'wx+', 0o600))
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  /** A stream that fills the spool; call this once. */
  write(): Writable {
    return new Writable({
      write: (chunk, _encoding, done) => {
        this.#file.appendFile(chunk).then(() => done(), done)
      },
    })
  }

  /** Reads the content from the start; several readers can read at their own pace. */
  read(): Readable {
    return Readable.from(this.#chunks(), { objectMode: false })
  }

  /** Frees the disk space. */
  close(): Promise<void> {
    return this.#file.close()
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    let position = 0
    for (;;) {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
      const { bytesRead } = await this.#file.read({ buffer, position })
      if (bytesRead === 0) return
      position += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  }
}

/** Runs work with a spool, and closes the spool afterwards. */
export async function withSpool<T>(work: (spool: Spool) => Promise<T>): Promise<T> {
  const spool = await Spool.open()
  try {
    return await work(spool)
  } finally {
    await spool.close()
  }
}
