import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import Cp from '../../src/commands/cp.ts'
import { FakeDriver } from '../support/fake-driver.ts'
import { fakeFleet, remembered } from '../support/fake-fleet.ts'
import { FakeHost } from '../support/fake-host.ts'
import { commandsOn } from '../support/run-command.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Two hosts, of which those that are `full` take no file, and a local file. */
async function hosts({ full = [], failed }: { full?: string[]; failed?: string[] } = {}) {
  const folder = await temporaryFolder({ 'app.conf': 'content' })
  const written: string[] = []
  const host = (name: string) =>
    new FakeHost(name, () => {
      if (full.includes(name)) return { code: 1, stderr: 'cat: write error: No space left on device\n' }
      written.push(name)
      return {}
    })
  const fleet = fakeFleet(new FakeDriver('prod').with('node1', 'node2'), host, {
    lastFailures: remembered<readonly string[]>(failed),
  })
  return { folder, file: join(folder, 'app.conf'), written, fleet, ...(await commandsOn(fleet)) }
}

describe('belt cp', () => {
  it.each([
    ['both paths are on hosts', 'node1:/etc/hosts', 'node2:/etc/hosts'],
    ['neither path is on a host', 'app.conf', 'backup.conf'],
  ])('refuses to copy if %s', async (message, source, target) => {
    const { run } = await hosts()
    await expect(run(Cp, source, target)).rejects.toMatchObject({ code: 'bad-copy', exitCode: 2, message })
  })

  it('refuses --owner for a copy from hosts', async () => {
    const { folder, run } = await hosts()
    await expect(run(Cp, 'node1:/etc/hosts', folder, '--owner', 'root')).rejects.toMatchObject({
      code: 'no-owner-here',
      exitCode: 2,
    })
  })

  it('sends a file to the hosts', async () => {
    const { file, written, printed, run } = await hosts()
    const { result, exitCode } = await run(Cp, file, 'node[1:2]:/etc/')
    expect(result).toMatchObject({ hosts: [{ host: 'node1' }, { host: 'node2' }], failed: [] })
    expect(exitCode).toBe(0)
    expect(written.sort()).toEqual(['node1', 'node2'])
    expect(printed()).toContain('node[1:2]: /etc/ (2 files, 14b)')
  })

  it('replaces no local file without --force', async () => {
    const { folder, run } = await hosts()
    await writeFile(join(folder, 'node1-hosts'), 'mine')
    await expect(run(Cp, 'node1:/etc/hosts', folder)).rejects.toMatchObject({
      code: 'file-exists',
      exitCode: 3,
    })
    expect(await readFile(join(folder, 'node1-hosts'), 'utf8')).toBe('mine')
  })

  it('exits with 4 if some hosts failed, and remembers them', async () => {
    const { file, fleet, reported, run } = await hosts({ full: ['node2'] })
    const { result, exitCode } = await run(Cp, file, 'node[1:2]:/etc/')
    expect(result).toMatchObject({ failed: ['node2'] })
    expect(exitCode).toBe(4)
    expect(await fleet.lastFailures.get()).toEqual(['node2'])
    expect(reported()).toContain('node2')
  })

  it('exits with 1 if all hosts failed', async () => {
    const { file, run } = await hosts({ full: ['node1', 'node2'] })
    expect((await run(Cp, file, 'node[1:2]:/etc/')).exitCode).toBe(1)
  })

  it('copies only to the hosts that failed last with @failed', async () => {
    const { file, written, fleet, run } = await hosts({ failed: ['node2'] })
    expect((await run(Cp, file, '@failed:/etc/')).exitCode).toBe(0)
    expect(written).toEqual(['node2'])
    expect(await fleet.lastFailures.get()).toEqual([])
  })

  it('has nothing to do if no host failed last', async () => {
    const { file, written, run } = await hosts({ failed: [] })
    expect(await run(Cp, file, '@failed:/etc/')).toEqual({ result: { hosts: [], failed: [] }, exitCode: 0 })
    expect(written).toEqual([])
  })
})
