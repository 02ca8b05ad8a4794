import { randomUUID } from 'node:crypto'
import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FILE_MODE, FOLDER_MODE, readText, writing } from './files.ts'
import { APPENDING } from './line-file.ts'
import { ignoreState } from './state-folder.ts'
import type { Cluster } from './workspace.ts'

/** A line of the journal: a create that starts, or machines whose outcome is now known. */
type Line =
  | { readonly at: string; readonly create: string; readonly names: readonly string[] }
  | { readonly at: string; readonly settled: readonly string[] }

/** A create as read from the journal. */
interface RecordedCreate {
  readonly id: string
  /** ISO 8601. */
  readonly at: string
  readonly names: readonly string[]
  /** Machines that may or may not have been created. Empty when the create is finished. */
  readonly open: readonly string[]
}

/**
 * The creates started from this working copy: `.belt/<cluster>/creates.ndjson`, one JSON object per line. A line is
 * written before the request is sent, and another when its outcome is known. Lines are only appended, so several Belt
 * processes can write at once.
 */
export function createJournal(cluster: Cluster) {
  const path = join(cluster.folder, 'creates.ndjson')
  return {
    /** Records a create before it is sent. @returns its id; the record is on disk when this resolves */
    async begin(names: readonly string[]): Promise<string> {
      const id = randomUUID()
      await ignoreState(dirname(cluster.folder))
      await append(path, { at: new Date().toISOString(), create: id, names })
      return id
    },
    /** Records that the outcome is known for these machines: they exist, they never will, or they were removed. */
    async recordOutcome(names: readonly string[]): Promise<void> {
      const open = new Set((await readCreates(path)).flatMap(create => create.open))
      const settled = names.filter(name => open.has(name))
      if (settled.length > 0) await append(path, { at: new Date().toISOString(), settled })
    },
    /** All creates, oldest first. @throws `unreadable-file` */
    read: () => readCreates(path),
  }
}

async function append(path: string, line: Line): Promise<void> {
  await writing(path, async () => {
    await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE })
    const file = await open(path, APPENDING, FILE_MODE)
    try {
      // The previous line may be incomplete if its writer died; a newline first keeps this one intact.
      await file.appendFile(`\n${JSON.stringify(line)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
  })
}

async function readCreates(path: string): Promise<RecordedCreate[]> {
  const text = (await readText(path)) ?? ''
  const creates: { id: string; at: string; names: readonly string[]; open: Set<string> }[] = []
  for (const line of text.split('\n').flatMap(parsed)) {
    if ('create' in line) {
      creates.push({ id: line.create, at: line.at, names: line.names, open: new Set(line.names) })
    } else {
      for (const { open } of creates) for (const name of line.settled) open.delete(name)
    }
  }
  return creates.map(create => ({ ...create, open: [...create.open] }))
}

/** Skips an incomplete line: its create was never sent, or its machines simply stay open. */
function parsed(row: string): Line[] {
  try {
    return row === '' ? [] : [JSON.parse(row) as Line]
  } catch {
    return []
  }
}
