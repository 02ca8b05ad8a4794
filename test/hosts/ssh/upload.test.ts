import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Host } from '../../../src/hosts/host.ts'
import type { SshHosts } from '../../../src/hosts/ssh/ssh-hosts.ts'
import { uploadCommand } from '../../../src/hosts/ssh/upload.ts'
import { sshHostsFor } from '../../support/ssh-hosts.ts'
import { hasSshd, Sshd } from '../../support/sshd.ts'

describe.skipIf(!hasSshd)('an upload', () => {
  let sshd: Sshd
  let hosts: SshHosts
  let host: Host
  let folder: string
  let count = 0
  beforeAll(async () => {
    sshd = await Sshd.start()
    hosts = sshHostsFor(sshd)
    host = hosts.host(sshd.address('node1'))
  })
  afterAll(async () => {
    hosts?.close()
    await sshd?.stop()
  })
  beforeEach(async () => {
    folder = join(sshd.folder, `it's $folder ${count++}`)
    await mkdir(folder)
  })

  it('writes every byte, with the mode, and leaves no other file', async () => {
    const content = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256))
    await host.upload(content, join(folder, '-a file'), 0o750)
    expect((await readFile(join(folder, '-a file'))).equals(content)).toBe(true)
    expect((await stat(join(folder, '-a file'))).mode & 0o777).toBe(0o750)
    expect(await readdir(folder)).toEqual(['-a file'])
  })

  it('writes an empty file', async () => {
    await host.upload('', join(folder, 'empty'), 0o600)
    expect(await readFile(join(folder, 'empty'), 'utf8')).toBe('')
  })

  it('keeps the old file if the content is incomplete', async () => {
    await host.upload('old', join(folder, 'file'), 0o600)
    const whole = uploadCommand(Buffer.from('new content'), join(folder, 'file'), 0o600)
    const { code } = await host.run({ ...whole, stdin: 'new con' })
    expect(code).not.toBe(0)
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['file'])
  })

  it('keeps the old file if the disk is full', async () => {
    await host.upload('old', join(folder, 'file'), 0o600)
    const whole = uploadCommand(Buffer.from('content'), join(folder, 'file'), 0o600)
    const line = whole.shell.replace('cat >', 'cat > /dev/full && cat >')
    const result = await host.run({ shell: line, stdin: 'content' })
    expect(result.code).not.toBe(0)
    expect(result.stderr).toMatch(/No space left on device/)
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['file'])
  })

  it.each([
    ['the folder is missing', 'no/such/file', /No such file|nonexistent/i],
    ['the path is a folder', '', /is a directory$/],
  ])('reports that %s', async (_what, name, reason) => {
    const path = join(folder, name)
    await expect(host.upload('content', path, 0o600)).rejects.toMatchObject({
      code: 'upload-failed',
      host: 'node1',
      message: expect.stringMatching(reason),
      hint: expect.stringContaining('df -h'),
      details: { path },
    })
    expect(await readdir(folder)).toEqual([])
  })
})
