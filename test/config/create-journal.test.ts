import { appendFile, mkdir, readFile, stat, symlink } from 'node:fs/promises'
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

  it('is empty before the first create', async () => {
    expect(await createJournal(cluster).read()).toEqual([])
  })

  it('keeps a create open until the outcome of each machine is known', async () => {
    const journal = createJournal(cluster)
    const id = await journal.begin(['node1', 'node2', 'node3'])
    await journal.recordOutcome(['node1', 'node3'])
    expect(await journal.read()).toMatchObject([{ id, names: ['node1', 'node2', 'node3'], open: ['node2'] }])
    await journal.recordOutcome(['node2'])
    expect(await journal.read()).toMatchObject([{ id, open: [] }])
  })

  it('is on disk and private before the request is sent', async () => {
    await createJournal(cluster).begin(['node1'])
    const path = join(cluster.folder, 'creates.ndjson')
    expect(await readFile(path, 'utf8')).toContain('"names":["node1"]')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('does not append to a file behind a symbolic link', async () => {
    const victim = join(await temporaryFolder({ victim: 'untouched' }), 'victim')
    await mkdir(cluster.folder, { recursive: true })
    await symlink(victim, join(cluster.folder, 'creates.ndjson'))
    await expect(createJournal(cluster).begin(['node1'])).rejects.toMatchObject({ code: 'unwritable-file' })
    expect(await readFile(victim, 'utf8')).toBe('untouched')
  })

  it('records an outcome in every create that left the machine open', async () => {
    const journal = createJournal(cluster)
    await journal.begin(['node1', 'node2'])
    await journal.begin(['node2', 'node3'])
    await journal.recordOutcome(['node2'])
    expect((await journal.read()).map(({ open }) => open)).toEqual([['node1'], ['node3']])
  })

  it('does not apply an outcome to later creates', async () => {
    const journal = createJournal(cluster)
    await journal.begin(['node1'])
    await journal.recordOutcome(['node1'])
    await journal.begin(['node1'])
    expect((await journal.read()).map(({ open }) => open)).toEqual([[], ['node1']])
  })

  it('survives an incomplete line from a Belt that died', async () => {
    const journal = createJournal(cluster)
    await journal.begin(['node1'])
    await appendFile(join(cluster.folder, 'creates.ndjson'), '{"at":"2026-11-21T0')
    await journal.begin(['node2'])
    expect((await journal.read()).map(({ names }) => names)).toEqual([['node1'], ['node2']])
  })

  it('writes nothing when no outcome is open', async () => {
    const journal = createJournal(cluster)
    await journal.begin(['node1'])
    const path = join(cluster.folder, 'creates.ndjson')
    const before = await readFile(path, 'utf8')
    await journal.recordOutcome(['mg0'])
    expect(await readFile(path, 'utf8')).toBe(before)
  })
})
