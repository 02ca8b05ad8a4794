import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { reasonOf } from '../errors.ts'
import { FILE_MODE, FOLDER_MODE } from './files.ts'

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants
/** To append to a file that may not exist, but not through a symbolic link to another one. */
export const APPENDING = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW

/**
 * An append-only file of lines that several Belt processes can write at once. Each text is one write, which has reached
 * the operating system when the call returns, so it survives this process. The first write error is reported; errors
 * never fail the caller.
 */
export class LineFile {
  readonly path: string
  readonly #onFailure: (reason: string) => void
  #descriptor: number | undefined
  #isTorn = false
  #hasFailed = false

  constructor(path: string, onFailure: (reason: string) => void) {
    this.path = path
    this.#onFailure = onFailure
  }

  get isOpen(): boolean {
    return this.#descriptor !== undefined
  }

  /** Creates the file and its folder if they do not exist. */
  open(): void {
    this.#unlessFailing(() => {
      mkdirSync(dirname(this.path), { recursive: true, mode: FOLDER_MODE })
      this.#descriptor = openSync(this.path, APPENDING, FILE_MODE)
      this.#isTorn = !endsWithNewline(this.#descriptor)
    })
  }

  /** @param text whole lines; dropped if the file is not open */
  append(text: string): void {
    const descriptor = this.#descriptor
    if (descriptor === undefined) return
    this.#unlessFailing(() => {
      const bytes = Buffer.from(this.#isTorn ? `\n${text}` : text)
      this.#isTorn = true
      const written = writeSync(descriptor, bytes)
      if (written < bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes were written`)
      this.#isTorn = false
    })
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  #unlessFailing(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!this.#hasFailed) this.#onFailure(reasonOf(error))
      this.#hasFailed = true
    }
  }
}

/** The last line may be incomplete if its writer died or the disk was full; it must not corrupt the next one. */
function endsWithNewline(descriptor: number): boolean {
  const { size } = fstatSync(descriptor)
  const last = Buffer.alloc(1)
  return size === 0 || (readSync(descriptor, last, 0, 1, size - 1) === 1 && last.toString() === '\n')
}
