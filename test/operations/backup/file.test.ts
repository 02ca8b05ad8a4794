import { execFileSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import {
  assertWritable,
  fingerprintOf,
  openBackup,
  writeBackup,
} from '../../../src/operations/backup/file.ts'
import { withSpool } from '../../../src/spool.ts'
import { manifestOf } from '../../support/backup.ts'
import { spoolOf } from '../../support/spool.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** A backup whose archive is these bytes. */
async function written(bytes = Buffer.alloc(200_000, 'swarm')) {
  const folder = await temporaryFolder()
  const path = join(folder, 'prod.belt-backup')
  const archive = await spoolOf(bytes)
  const manifest = manifestOf({ archive: await fingerprintOf(archive) })
  await writeBackup({ path, manifest, archive })
  return { folder, path, manifest, bytes }
}

describe('a backup file', () => {
  it('returns its contents byte for byte', async () => {
    const { path, manifest, bytes } = await written()
    await withSpool(async spool => {
      const opened = await openBackup(path, spool)
      expect(opened.manifest).toEqual(manifest)
      expect((await buffer(opened.archive.read())).equals(bytes)).toBe(true)
    })
  })

  it('can be read only by its owner', async () => {
    const { path } = await written()
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('can be unpacked with tar', async () => {
    const { path } = await written()
    const listed = execFileSync('tar', ['-tf', path]).toString()
    expect(listed).toBe('manifest.json\nswarm.tar.gz\n')
  })

  it('is not overwritten', async () => {
    const { path, folder } = await written()
    await expect(assertWritable(path)).rejects.toMatchObject({ code: 'no-place-for-backup', exitCode: 2 })
    await expect(assertWritable(join(folder, 'none', 'x'))).rejects.toMatchObject({ exitCode: 2 })
    await assertWritable(join(folder, 'new'))
    await assertWritable(join(folder, 'new'))
  })

  it('leaves no file behind if it cannot be written', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'prod.belt-backup')
    const manifest = manifestOf({})
    const archive = await spoolOf(Buffer.alloc(0))
    await archive.close()
    await expect(writeBackup({ path, manifest, archive })).rejects.toThrow('file closed')
    expect(execFileSync('ls', ['-A', folder]).toString()).toBe('')
  })
})

describe('a damaged backup', () => {
  const opening = (path: string) => withSpool(spool => openBackup(path, spool))

  it.each([
    ['changed bytes in the archive', (file: Buffer) => file.fill(0, 100_000, 100_010)],
    ['a truncated file', (file: Buffer) => file.subarray(0, 100_000)],
    ['an empty file', () => Buffer.alloc(0)],
    ['another file', () => Buffer.from('no backup')],
  ])('is rejected: %s', async (_, damage) => {
    const { path } = await written()
    writeFileSync(path, damage(readFileSync(path)))
    await expect(opening(path)).rejects.toMatchObject({ code: 'bad-backup', exitCode: 3 })
  })

  it('is rejected if its format is newer, which the message names', async () => {
    const { path, folder } = await written()
    execFileSync('tar', ['-xf', path, '-C', folder])
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, format: 2 }))
    execFileSync('tar', ['-cf', path, '-C', folder, 'manifest.json', 'swarm.tar.gz'])
    await expect(opening(path)).rejects.toThrow(
      'the backup has format 2, but this version of Belt reads only format 1',
    )
  })

  it('is rejected without its archive', async () => {
    const { path, folder } = await written()
    execFileSync('tar', ['-xf', path, '-C', folder])
    execFileSync('tar', ['-cf', path, '-C', folder, 'manifest.json'])
    await expect(opening(path)).rejects.toThrow('it holds no swarm.tar.gz')
  })

  it('is rejected if the file does not exist', async () => {
    await expect(opening('/nowhere/x')).rejects.toMatchObject({ code: 'bad-backup' })
  })
})
