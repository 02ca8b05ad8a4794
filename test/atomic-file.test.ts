import { lstat, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { replaceFile } from '../src/atomic-file.ts'
import { smallDisk } from './support/small-disk.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

describe('replacing a file', () => {
  it('gives it the new content and the mode that is asked for', async () => {
    const path = join(await temporaryFolder({ file: 'old' }), 'file')
    await replaceFile(path, 'new', 0o600)
    expect(await readFile(path, 'utf8')).toBe('new')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('writes through a symbolic link', async () => {
    const folder = await temporaryFolder({ file: 'old' })
    await symlink('file', join(folder, 'link'))
    await replaceFile(join(folder, 'link'), 'new', 0o600)
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('new')
    expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true)
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
