import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { reasonOf } from '../errors.ts'
import { FILE_MODE, FOLDER_MODE } from './files.ts'

/**
 * A file that whole lines are added to, by several Belts at once: each text in one write, which has reached the system
 * when the call returns, so that it outlives this process. What cannot be written is told once, and harms nothing else.
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

  /** Makes the file and its folder, where they are not there yet. */
  open(): void {
    this.#unlessFailing(() => {
      mkdirSync(dirname(this.path), { recursive: true, mode: FOLDER_MODE })
      this.#descriptor = openSync(this.path, 'a+', FILE_MODE)
      this.#isTorn = !endsWithNewline(this.#descriptor)
    })
  }

  /** @param text whole lines; dropped when the file is not open */
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

/** A line may be torn, where a Belt died or the disk was full; it must not tear the next one. */
function endsWithNewline(descriptor: number): boolean {
  const { size } = fstatSync(descriptor)
  const last = Buffer.alloc(1)
  return size === 0 || (readSync(descriptor, last, 0, 1, size - 1) === 1 && last.toString() === '\n')
}
