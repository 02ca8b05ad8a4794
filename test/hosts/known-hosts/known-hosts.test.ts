import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KnownHosts } from '../../../src/hosts/known-hosts/known-hosts.ts'

const key = { type: 'ssh-ed25519', key: 'AAAA' }

describe('KnownHosts', () => {
  let folder: string
  let file: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'belt-known-hosts-'))
    file = join(folder, 'cluster', 'known_hosts')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('knows no keys without a file, and creates none by reading', async () => {
    expect(await new KnownHosts(file).keysOf('node1')).toEqual([])
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('keeps a key for the next process, for the owner alone', async () => {
    await new KnownHosts(file).remember('node1', key)
    expect(await new KnownHosts(file).keysOf('node1')).toEqual([key])
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  it('keeps the first key of a name', async () => {
    const knownHosts = new KnownHosts(file)
    await knownHosts.remember('node1', key)
    await knownHosts.remember('node1', { ...key, key: 'BBBB' })
    expect(await knownHosts.keysOf('node1')).toEqual([key])
  })

  it('forgets names, and stores new keys for them', async () => {
    const knownHosts = new KnownHosts(file)
    await Promise.all(['node1', 'node2', 'node3'].map(name => knownHosts.remember(name, key)))
    await knownHosts.forget(['node1', 'node3', 'node9'])
    expect(await readFile(file, 'utf8')).toBe('node2 ssh-ed25519 AAAA\n')
    await knownHosts.remember('node1', { ...key, key: 'BBBB' })
    expect(await knownHosts.keysOf('node1')).toEqual([{ ...key, key: 'BBBB' }])
  })

  it('notices what another process wrote', async () => {
    const knownHosts = new KnownHosts(file)
    await knownHosts.remember('node1', key)
    await new KnownHosts(file).forget(['node1'])
    expect(await knownHosts.keysOf('node1')).toEqual([])
  })

  it('writes many names that come at once in a few batches', async () => {
    const knownHosts = new KnownHosts(file)
    const inodes = new Set<number>()
    const names = Array.from({ length: 500 }, (_, index) => `node${index}`)
    await Promise.all(
      names.map(async name => {
        await knownHosts.remember(name, key)
        inodes.add((await stat(file)).ino)
      }),
    )
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(501)
    expect(inodes.size).toBeLessThanOrEqual(2)
  })

  it('loses no line when two processes write at once', async () => {
    await mkdir(join(folder, 'cluster'))
    await Promise.all(['a', 'b'].map(name => rememberElsewhere(file, name, 12)))
    const names = (await readFile(file, 'utf8'))
      .trim()
      .split('\n')
      .map(line => line.split(' ')[0])
    const expected = ['a', 'b'].flatMap(name => Array.from({ length: 12 }, (_, index) => `${name}${index}`))
    expect(names.sort()).toEqual(expected.sort())
  })

  it('takes over the lock of a process that died', async () => {
    const knownHosts = new KnownHosts(file)
    await mkdir(join(folder, 'cluster'))
    await writeFile(`${file}.lock`, '')
    const longAgo = new Date(Date.now() - 60_000)
    await utimes(`${file}.lock`, longAgo, longAgo)
    await knownHosts.remember('node1', key)
    expect(await knownHosts.keysOf('node1')).toEqual([key])
    await expect(stat(`${file}.lock`)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('says which file it cannot write, and continues with the next change', async () => {
    const knownHosts = new KnownHosts(file)
    await writeFile(join(folder, 'cluster'), 'a file where the folder should be')
    await expect(knownHosts.remember('node1', key)).rejects.toMatchObject({
      code: 'known-hosts',
      message: expect.stringContaining(file),
      hint: expect.any(String),
    })
    await rm(join(folder, 'cluster'))
    await knownHosts.remember('node2', key)
    expect(await knownHosts.keysOf('node1')).toEqual([])
    expect(await knownHosts.keysOf('node2')).toEqual([key])
  })

  it('does not take a file that it cannot read for an empty one', async () => {
    await mkdir(file, { recursive: true })
    await expect(new KnownHosts(file).keysOf('node1')).rejects.toMatchObject({ code: 'known-hosts' })
    await expect(new KnownHosts(file).remember('node1', key)).rejects.toMatchObject({ code: 'known-hosts' })
  })

  it('refuses a pipe and a device instead of waiting for them', async () => {
    await mkdir(join(folder, 'cluster'))
    execFileSync('mkfifo', [file])
    for (const path of [file, '/dev/zero']) {
      await expect(new KnownHosts(path).keysOf('node1')).rejects.toMatchObject({
        code: 'known-hosts',
        message: expect.stringContaining('it is not a regular file'),
      })
    }
    await expect(new KnownHosts(file).remember('node1', key)).rejects.toMatchObject({ code: 'known-hosts' })
  })

  it('refuses a file that is too large', async () => {
    await mkdir(join(folder, 'cluster'))
    await writeFile(file, Buffer.alloc(17 * 1024 * 1024, '#'))
    await expect(new KnownHosts(file).keysOf('node1')).rejects.toMatchObject({
      code: 'known-hosts',
      message: expect.stringContaining('larger than 16 MiB'),
    })
  })
})

async function rememberElsewhere(file: string, name: string, count: number): Promise<void> {
  const script = new URL('../../support/remember-keys.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--import', 'tsx', script, file, name, String(count)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`the other process ended with ${code}`)
}
