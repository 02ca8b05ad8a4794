import { appendFile, chmod, mkdir, readFile, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { Journal, readJournal } from '../../src/config/journal.ts'
import type { Cluster } from '../../src/config/workspace.ts'
import type { JournalEntry } from '../../src/domain/journal-entry.ts'
import { smallDisk } from '../support/small-disk.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

function clusterIn(folder: string): Cluster {
  return { name: 'prod', folder: join(folder, 'prod'), configPath: join(folder, 'prod', 'config.yml') }
}

function entry(id: number, change: Partial<JournalEntry> = {}): JournalEntry {
  return {
    at: new Date(id * 1000).toISOString(),
    run: 'r1',
    id,
    by: 'alice@laptop',
    belt: 'belt swarm drain node1',
    host: 'mg0',
    what: 'Set node1 to drain',
    command: 'docker node update --availability drain n1',
    result: 'begun',
    ...change,
  }
}

describe('the journal', () => {
  let cluster: Cluster
  let failures: string[]
  let path: string

  const open = async (run = cluster) => {
    const journal = new Journal(run, reason => failures.push(reason))
    await journal.open()
    return journal
  }

  beforeEach(async () => {
    failures = []
    cluster = clusterIn(await temporaryFolder())
    path = join(cluster.folder, 'log', 'journal.ndjson')
  })

  it('is empty before the first change', async () => {
    expect(await readJournal(cluster)).toEqual([])
  })

  it('has a change on disk, private to the user, before it starts', async () => {
    const journal = await open()
    await journal.add(entry(1))
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ id: 1, result: 'begun' })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(cluster.folder, 'log'))).mode & 0o777).toBe(0o700)
  })

  it('shows the latest state of each change: one that never ended is begun', async () => {
    const journal = await open()
    await journal.add(entry(1))
    await journal.add(entry(2))
    await journal.add(entry(1, { result: 'ok', durationMs: 7 }))
    expect((await readJournal(cluster)).map(({ id, result }) => [id, result])).toEqual([
      [1, 'ok'],
      [2, 'begun'],
    ])
  })

  it('contains entries added at the same time, and the last ones', async () => {
    const journal = await open()
    await Promise.all([1, 2, 3].map(id => journal.add(entry(id))))
    void journal.add(entry(4))
    journal.close()
    expect((await readJournal(cluster)).map(({ id }) => id)).toEqual([1, 2, 3, 4])
  })

  it('can be written by several runs at once', async () => {
    const journals = await Promise.all([open(), open(), open()])
    for (let id = 1; id <= 50; id++) {
      await Promise.all(journals.map((journal, run) => journal.add(entry(id, { run: `r${run}` }))))
    }
    expect(await readJournal(cluster)).toHaveLength(150)
  })

  it('continues after an incomplete line', async () => {
    await (await open()).add(entry(1))
    await appendFile(path, '{"at":"2026-11-21T0')
    await (await open()).add(entry(2))
    expect((await readJournal(cluster)).map(({ id }) => id)).toEqual([1, 2])
  })

  it('is rotated when it has grown, and still read', async () => {
    await (await open()).add(entry(1))
    await truncate(path, 10 * 1024 * 1024 + 1)
    await (await open()).add(entry(2))
    expect((await stat(path)).size).toBeLessThan(1000)
    expect((await readJournal(cluster)).map(({ id }) => id)).toEqual([1, 2])
    await truncate(path, 10 * 1024 * 1024 + 1)
    await (await open()).add(entry(3))
    expect((await readJournal(cluster)).map(({ id }) => id)).toEqual([2, 3])
  })

  it('reports a full disk once, and continues when there is space again', async context => {
    const disk = smallDisk(context, 16)
    const full = clusterIn(disk)
    const journal = await open(full)
    await journal.add(entry(1))
    for (let id = 2; id < 100; id++) await journal.add(entry(id))
    expect(failures).toHaveLength(1)
    expect(failures[0]).toMatch(/ENOSPC|bytes were written/)
    await truncate(join(full.folder, 'log', 'journal.ndjson'), 500)
    await journal.add(entry(100))
    journal.close()
    expect((await readJournal(full)).map(({ id }) => id)).toContain(100)
  })

  it('reports once that the folder cannot be created', async () => {
    const file = await temporaryFolder({ prod: 'a file where a folder should be' })
    const journal = await open(clusterIn(file))
    await journal.add(entry(1))
    await journal.add(entry(2))
    expect(failures).toHaveLength(1)
  })

  it('is private in an existing folder', async () => {
    await mkdir(join(cluster.folder, 'log'), { recursive: true })
    await chmod(join(cluster.folder, 'log'), 0o755)
    await (await open()).add(entry(1))
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })
})
