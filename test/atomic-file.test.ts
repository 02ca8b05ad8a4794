import { lchown, lstat, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { linkTarget, replaceFile } from '../src/atomic-file.ts'
import { smallDisk } from './support/small-disk.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

describe('replacing a file', () => {
  it('gives it the new content and the mode that is asked for', async () => {
    const path = join(await temporaryFolder({ file: 'old' }), 'file')
    await replaceFile(path, 'new', 0o600)
    expect(await readFile(path, 'utf8')).toBe('new')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('replaces a symbolic link itself, not the file that it leads to', async () => {
    const folder = await temporaryFolder({ victim: 'old' })
    await symlink('victim', join(folder, 'link'))
    await replaceFile(join(folder, 'link'), 'new', 0o600)
    expect(await readFile(join(folder, 'victim'), 'utf8')).toBe('old')
    expect(await readFile(join(folder, 'link'), 'utf8')).toBe('new')
    expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(false)
  })

  it('leaves the old content, and nothing else, when the disk fills up on the way', async context => {
    const disk = smallDisk(context, 64)
    await writeFile(join(disk, 'file'), 'old')
    await writeFile(join(disk, 'rest'), Buffer.alloc(44 * 1024))
    const half = replaceFile(join(disk, 'file'), 'x'.repeat(32 * 1024), 0o600)
    await expect(half).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(await readFile(join(disk, 'file'), 'utf8')).toBe('old')
    expect((await readdir(disk)).sort()).toEqual(['file', 'rest'])
  })
})

describe('the target of a write', () => {
  it('is behind the links that the user made, also where nothing is yet', async () => {
    const folder = await temporaryFolder()
    await symlink('second', join(folder, 'first'))
    await symlink('file', join(folder, 'second'))
    expect(await linkTarget(join(folder, 'first'))).toBe(join(folder, 'file'))
    expect(await linkTarget(join(folder, 'file'))).toBe(join(folder, 'file'))
  })

  it('is the link itself where links go in a circle', async () => {
    const folder = await temporaryFolder()
    await symlink('one', join(folder, 'one'))
    expect(await linkTarget(join(folder, 'one'))).toBe(join(folder, 'one'))
  })

  it.runIf(process.getuid?.() === 0)("is another user's link itself", async () => {
    const folder = await temporaryFolder({ victim: '' })
    await symlink('victim', join(folder, 'link'))
    await lchown(join(folder, 'link'), 65534, 65534)
    expect(await linkTarget(join(folder, 'link'))).toBe(join(folder, 'link'))
  })
})
