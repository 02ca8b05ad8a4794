import { randomUUID } from 'node:crypto'
import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FILE_MODE, FOLDER_MODE, readText, writing } from './files.ts'
import { ignoreState } from './state-folder.ts'
import type { Cluster } from './workspace.ts'

/** A line of the journal: a create that begins, or names whose fate is known since. */
type Line =
  | { readonly at: string; readonly create: string; readonly names: readonly string[] }
  | { readonly at: string; readonly settled: readonly string[] }

/** A create as the journal knows it. */
interface RecordedCreate {
  readonly id: string
  /** ISO 8601. */
  readonly at: string
  readonly names: readonly string[]
  /** Those of which it is not known whether a machine was made. Empty: the create is finished. */
  readonly open: readonly string[]
}

/**
 * What this working copy has ordered from a driver: `.belt/<cluster>/creates.ndjson`, one JSON object a line, written
 * before the order is sent and again when its fate is known. Lines are only ever added, so that several Belts can
 * write at once.
 */
export function createJournal(cluster: Cluster) {
  const path = join(cluster.folder, 'creates.ndjson')
  return {
    /** Notes an order before it is sent. @returns the id of the create; it is on disk when this resolves */
    async begin(names: readonly string[]): Promise<string> {
      const id = randomUUID()
      await ignoreState(dirname(cluster.folder))
      await append(path, { at: new Date().toISOString(), create: id, names })
      return id
    },
    /** Notes that the fate of these machines is known: they exist, or they never will, or they are gone. */
    async settle(names: readonly string[]): Promise<void> {
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
    const file = await open(path, 'a', FILE_MODE)
    try {
      // The line before may be torn, where a Belt died; it must not tear this one.
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

/** A torn line counts for nothing: a create was not sent before its line was whole, and an unsettled name stays open. */
function parsed(row: string): Line[] {
  try {
    return row === '' ? [] : [JSON.parse(row) as Line]
  } catch {
    return []
  }
}
