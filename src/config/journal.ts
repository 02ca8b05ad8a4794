import { rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { JournalEntry } from '../domain/journal-entry.ts'
import { withFileLock } from '../file-lock.ts'
import { readText } from './files.ts'
import { LineFile } from './line-file.ts'
import { type Cluster, logFolder } from './workspace.ts'

/** When a journal is put aside and the one before it goes, in bytes: some ten thousand changes each. */
const MAX_BYTES = 10 * 1024 * 1024

/**
 * The changes made from this working copy, `.belt/<cluster>/log/journal.ndjson`: one JSON object a line, only ever
 * added. A change that begins and never ends, because Belt was killed, has a `begun` and nothing else.
 */
export class Journal {
  readonly #file: LineFile
  #opened: Promise<void> | undefined
  #waiting = ''
  #written: Promise<void> | undefined

  constructor(cluster: Cluster, onFailure: (reason: string) => void) {
    this.#file = new LineFile(journalPath(cluster), onFailure)
  }

  /** Makes the file, where it is not there yet; to be awaited before the first entry. Never throws. */
  open(): Promise<void> {
    this.#opened ??= rotate(this.#file.path).then(() => this.#file.open())
    return this.#opened
  }

  /**
   * Notes a beginning or an end. Those of many hosts that come at the same time are written together.
   * @returns resolves when it is with the system; never throws
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

  /** Writes what is noted and not yet with the system. */
  flush(): void {
    const text = this.#waiting
    this.#waiting = ''
    this.#written = undefined
    if (text !== '') this.#file.append(text)
  }

  /** Writes what is left, and ends it; what is added later is lost. */
  close(): void {
    this.flush()
    this.#file.close()
  }
}

/** The changes that the journal knows, oldest first, each as it stands. @throws `unreadable-file` */
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

/** A journal that cannot be put aside goes on growing. */
async function rotate(path: string): Promise<void> {
  const isFull = async () => (await stat(path)).size > MAX_BYTES
  const putAside = async () => {
    if (await isFull()) await rename(path, previous(path))
  }
  await isFull()
    .then(full => (full ? withFileLock(path, putAside) : undefined))
    .catch(() => {})
}

/** A torn line counts for nothing. */
function parsed(line: string): JournalEntry[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as JournalEntry]
  } catch {
    return []
  }
}
