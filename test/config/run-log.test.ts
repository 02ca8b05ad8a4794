import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { RunLog, runId } from '../../src/config/run-log.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const at = (second: number) => runId(new Date(Date.UTC(2026, 2, 1, 8, 0, second)), 4711)

describe('the debug log of a run', () => {
  let folder: string

  const log = (second = 0, command = 'swarm-drain') =>
    new RunLog(folder, at(second), command, reason => expect.fail(reason))

  beforeEach(async () => {
    folder = join(await temporaryFolder(), 'log')
  })

  it('leaves no file if it was never opened', async () => {
    const each = log()
    each.write('belt active')
    each.flush()
    expect(each.path).toBeUndefined()
    await expect(readdir(folder)).rejects.toThrow('ENOENT')
  })

  it('contains what was logged before it was opened, with a timestamp on each line', async () => {
    const each = log()
    each.write('belt swarm drain node1')
    await each.open()
    each.write('mg0: one\ntwo')
    each.flush()
    expect(each.path).toBe(join(folder, '20260301T080000.000Z-4711-swarm-drain.log'))
    expect(await readFile(each.path ?? '', 'utf8')).toMatch(
      /^\S+Z belt swarm drain node1\n\S+Z mg0: one\n {4}two\n$/,
    )
    expect((await stat(each.path ?? '')).mode & 0o777).toBe(0o600)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
  })

  it('is flushed automatically', async () => {
    const each = log()
    await each.open()
    each.write('waiting')
    await vi.waitFor(async () => expect(await readFile(each.path ?? '', 'utf8')).toContain('waiting'), 5000)
  })

  it('is flushed at once when it has grown long', async () => {
    const each = log()
    await each.open()
    each.write('x'.repeat(70_000))
    expect((await stat(each.path ?? '')).size).toBeGreaterThan(70_000)
  })

  it('displaces only the oldest log of its own command', async () => {
    await log(0, 'rm').open()
    await writeFile(join(folder, 'journal.ndjson'), '')
    for (let second = 1; second <= 23; second++) await log(second, 'status').open()
    const names = await readdir(folder)
    expect(names).toContain('journal.ndjson')
    expect(names.filter(name => name.endsWith('-rm.log'))).toHaveLength(1)
    const kept = names.filter(name => name.endsWith('-status.log')).sort()
    expect(kept).toHaveLength(20)
    expect(kept[0]).toContain('T080004.')
  })

  it('reports once that it cannot be written, and then drops everything', async () => {
    const file = await temporaryFolder({ log: 'a file where a folder should be' })
    const reasons: string[] = []
    const each = new RunLog(join(file, 'log'), at(0), 'ls', reason => reasons.push(reason))
    each.write('one')
    await each.open()
    each.write('two')
    each.flush()
    expect(reasons).toHaveLength(1)
    expect(each.path).toBeUndefined()
  })
})
