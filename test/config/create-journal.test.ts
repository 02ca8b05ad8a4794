import { appendFile, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { createJournal } from '../../src/config/create-journal.ts'
import type { Cluster } from '../../src/config/workspace.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('the journal of creates', () => {
  let cluster: Cluster

  beforeEach(async () => {
    const folder = join(await temporaryFolder(), '.belt', 'prod')
    cluster = { name: 'prod', folder, configPath: join(folder, 'config.yml') }
  })

  it('knows nothing before the first create', async () => {
    expect(await createJournal(cluster).read()).toEqual([])
  })

  it('keeps a create open until the fate of each name is known', async () => {
    const journal = createJournal(cluster)
    const id = await journal.begin(['node1', 'node2', 'node3'])
    await journal.settle(['node1', 'node3'])
    expect(await journal.read()).toMatchObject([{ id, names: ['node1', 'node2', 'node3'], open: ['node2'] }])
    await journal.settle(['node2'])
    expect(await journal.read()).toMatchObject([{ id, open: [] }])
  })

  it('is on disk, for nobody else, before the order is sent', async () => {
    await createJournal(cluster).begin(['node1'])
    const path = join(cluster.folder, 'creates.ndjson')
    expect(await readFile(path, 'utf8')).toContain('"names":["node1"]')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('settles a name in every create that left it open', async () => {
    const journal = createJournal(cluster)
    await journal.begin(['node1', 'node2'])
    await journal.begin(['node2', 'node3'])
    await journal.settle(['node2'])
    expect((await journal.read()).map(({ open }) => open)).toEqual([['node1'], ['node3']])
  })

  it('does not settle what is ordered later', async () => {
    const journal = createJournal(cluster)
    await journal.begin(['node1'])
    await journal.settle(['node1'])
    await journal.begin(['node1'])
    expect((await journal.read()).map(({ open }) => open)).toEqual([[], ['node1']])
  })

  it('survives a line that was torn when a Belt died', async () => {
    const journal = createJournal(cluster)
    await journal.begin(['node1'])
    await appendFile(join(cluster.folder, 'creates.ndjson'), '{"at":"2026-11-21T0')
    await journal.begin(['node2'])
    expect((await journal.read()).map(({ names }) => names)).toEqual([['node1'], ['node2']])
  })

  it('writes nothing when there is nothing to settle', async () => {
    const journal = createJournal(cluster)
    await journal.begin(['node1'])
    const path = join(cluster.folder, 'creates.ndjson')
    const before = await readFile(path, 'utf8')
    await journal.settle(['mg0'])
    expect(await readFile(path, 'utf8')).toBe(before)
  })
})
