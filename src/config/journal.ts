import { rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { JournalEntry } from '../domain/journal-entry.ts'
import { withFileLock } from '../file-lock.ts'
import { readText } from './files.ts'
import { LineFile } from './line-file.ts'
import { type Cluster, logFolder } from './workspace.ts'

/** The size at which the journal is rotated, in bytes: about ten thousand changes. One old journal is kept. */
const MAX_BYTES = 10 * 1024 * 1024

/**
 * The changes made from this working copy: `.belt/<cluster>/log/journal.ndjson`, one JSON object per line, append-only.
 * A change that started and never ended, because Belt was killed, has only a `begun` line.
 */
export class Journal {
  readonly #file: LineFile
  #opened: Promise<void> | undefined
  #waiting = ''
  #written: Promise<void> | undefined

  constructor(cluster: Cluster, onFailure: (reason: string) => void) {
    this.#file = new LineFile(journalPath(cluster), onFailure)
  }

  /** Creates the file if it does not exist. Await this before adding entries. Never throws. */
  open(): Promise<void> {
    this.#opened ??= rotate(this.#file.path).then(() => this.#file.open())
    return this.#opened
  }

  /**
   * Records the start or end of a change. Entries that arrive at the same time are written together.
   * @returns resolves when the entry has been handed to the operating system; never throws
   */
  add(entry: JournalEntry): Promise<void> {
    this.#waiting += `${JSON.stringify(entry)}\n`
    this.#written ??= new Promise(resolve => {
      setImmediate(() => {
        this.flush()
        resolve()
      })
    })
    return this.#written
  }

  /** Writes all pending entries. */
  flush(): void {
    const text = this.#waiting
    this.#waiting = ''
    this.#written = undefined
    if (text !== '') this.#file.append(text)
  }

  /** Writes all pending entries and closes the file; entries added later are lost. */
  close(): void {
    this.flush()
    this.#file.close()
  }
}

/** All changes in the journal, oldest first, each in its latest state. @throws `unreadable-file` */
export async function readJournal(cluster: Cluster): Promise<JournalEntry[]> {
  const path = journalPath(cluster)
  const texts = await Promise.all([readText(previous(path)), readText(path)])
  const entries = new Map<string, JournalEntry>()
  for (const entry of texts.flatMap(text => text?.split('\n') ?? []).flatMap(parsed)) {
    entries.set(`${entry.run} ${entry.id}`, entry)
  }
  return [...entries.values()].sort((one, other) => (one.at < other.at ? -1 : 1))
}

function journalPath(cluster: Cluster): string {
  return join(logFolder(cluster), 'journal.ndjson')
}

function previous(path: string): string {
  return path.replace(/\.ndjson$/, '.1.ndjson')
}

/** If rotation fails, the journal simply keeps growing. */
async function rotate(path: string): Promise<void> {
  const isFull = async () => (await stat(path)).size > MAX_BYTES
  const moveAside = async (assertHeld: () => Promise<void>) => {
    if (!(await isFull())) return
    await assertHeld()
    await rename(path, previous(path))
  }
  await isFull()
    .then(full => (full ? withFileLock(path, moveAside) : undefined))
    .catch(() => {})
}

/** Skips an incomplete line. */
function parsed(line: string): JournalEntry[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as JournalEntry]
  } catch {
    return []
  }
}
