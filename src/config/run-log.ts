import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { shownText } from '../domain/shown.ts'
import { LineFile } from './line-file.ts'

/** How many logs to keep per command, so that a command that runs every minute does not displace the others. */
const LOGS_PER_COMMAND = 20
const FLUSH_AFTER_MS = 500
const FLUSH_AT_CHARS = 65_536
const NAME = /^\d{8}T\d{6}\.\d{3}Z-\d+-(.+)\.log$/

/** A unique name for a run: its start time and process id. */
export function runId(startedAt: Date, pid: number): string {
  return `${startedAt.toISOString().replaceAll(/[-:]/g, '')}-${pid}`
}

/**
 * The debug log of one run: `<run>-<command>.log`. It stays in memory until it is opened, so that a run that contacts no
 * host leaves no file. After that it is written in batches.
 */
export class RunLog {
  readonly #file: LineFile
  #waiting: string[] = []
  #waitingChars = 0
  #isLost = false
  #timer: NodeJS.Timeout | undefined

  constructor(folder: string, run: string, command: string, onFailure: (reason: string) => void) {
    this.#file = new LineFile(join(folder, `${run}-${command}.log`), onFailure)
  }

  /** The log's path; undefined if there is no file. */
  get path(): string | undefined {
    return this.#file.isOpen ? this.#file.path : undefined
  }

  /** Starts writing to the file, and removes old logs. */
  async open(): Promise<void> {
    this.#file.open()
    this.#isLost = !this.#file.isOpen
    if (this.#isLost) this.#waiting = []
    else this.#schedule()
    await prune(dirname(this.#file.path))
  }

  /** Text from outside is written so that reading the log on a terminal is safe. */
  write(text: string): void {
    if (this.#isLost) return
    const lines = shownText(text).replaceAll('\n', '\n    ')
    this.#waiting.push(`${new Date().toISOString()} ${lines}\n`)
    this.#waitingChars += lines.length
    if (this.#file.isOpen) this.#schedule()
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (!this.#file.isOpen || this.#waiting.length === 0) return
    this.#file.append(this.#waiting.join(''))
    this.#waiting = []
    this.#waitingChars = 0
  }

  /** Writes what is pending and closes the file. */
  close(): void {
    this.flush()
    this.#file.close()
  }

  #schedule(): void {
    if (this.#waitingChars > FLUSH_AT_CHARS) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER_MS).unref()
  }
}

/** Another Belt process may prune at the same time. */
async function prune(folder: string): Promise<void> {
  const logs = (await readdir(folder).catch(() => [])).filter(name => NAME.test(name)).sort()
  const byCommand = new Map<string | undefined, string[]>()
  for (const name of logs) {
    const command = NAME.exec(name)?.[1]
    byCommand.set(command, [...(byCommand.get(command) ?? []), name])
  }
  const old = [...byCommand.values()].flatMap(names => names.slice(0, -LOGS_PER_COMMAND))
  await Promise.all(old.map(name => rm(join(folder, name), { force: true }).catch(() => {})))
}
