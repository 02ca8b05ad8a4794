import { execFileSync } from 'node:child_process'
import { chmod, chown, lchown, mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { chooseCluster, listClusters } from '../../src/config/active.ts'
import { loadConfig } from '../../src/config/load.ts'
import { newCluster } from '../../src/config/new-cluster.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const CONFIG = 'name: shop\ndocker:\n'
const BARE = { '.belt.yaml': CONFIG }
const IN_FOLDER = { '.belt/shop/config.yml': 'docker:\n' }
const NOBODY = 65534
const isRoot = process.getuid?.() === 0

afterEach(() => vi.unstubAllEnvs())

const load = async (cwd: string, config?: string) => loadConfig(await chooseCluster({ cwd, config }), {})

describe('a config that Belt finds by itself', () => {
  it.each([0o666, 0o602])('is refused with mode %o, because others can change it', async mode => {
    const folder = await temporaryFolder({ ...BARE, 'project/src/file': '' })
    await chmod(join(folder, '.belt.yaml'), mode)
    await expect(load(join(folder, 'project/src'))).rejects.toMatchObject({
      code: 'unsafe-file',
      exitCode: 3,
      message: expect.stringContaining(`${folder}/.belt.yaml can be changed by other users`),
      hint: expect.stringContaining(`chmod go-w ${folder}/.belt.yaml`),
    })
  })

  it.runIf(isRoot)("is refused if it is another user's, with the ways out", async () => {
    const folder = await temporaryFolder(BARE)
    await chown(join(folder, '.belt.yaml'), NOBODY, NOBODY)
    const hint = expect.stringContaining(`BELT_SAFE_DIRECTORY=${folder}`)
    const refusal = { code: 'unsafe-file', message: expect.stringContaining('another user'), hint }
    await expect(load(folder)).rejects.toMatchObject(refusal)
    await expect(listClusters(folder)).rejects.toMatchObject(refusal)
    vi.stubEnv('BELT_SAFE_DIRECTORY', `/elsewhere:${folder}`)
    expect((await load(folder)).cluster.name).toBe('shop')
  })

  it.runIf(isRoot)('is checked in a folder of a cluster too', async () => {
    const folder = await temporaryFolder(IN_FOLDER)
    await chown(join(folder, '.belt/shop/config.yml'), NOBODY, NOBODY)
    await expect(load(folder)).rejects.toMatchObject({ code: 'unsafe-file' })
  })

  it.runIf(isRoot)('may be writable by a group only if that is the group of its owner alone', async () => {
    const folder = await temporaryFolder(BARE)
    const path = join(folder, '.belt.yaml')
    await chmod(path, 0o664)
    expect((await load(folder)).cluster.name).toBe('shop')
    await chown(path, 0, 100)
    await expect(load(folder)).rejects.toMatchObject({ code: 'unsafe-file' })
  })

  it.runIf(isRoot)('may belong to the user who called sudo', async () => {
    const folder = await temporaryFolder(BARE)
    await chown(join(folder, '.belt.yaml'), 1000, 1000)
    await expect(load(folder)).rejects.toMatchObject({ code: 'unsafe-file' })
    vi.stubEnv('SUDO_UID', '1000')
    expect((await load(folder)).cluster.name).toBe('shop')
  })

  it.runIf(isRoot)("may be a symbolic link, but not another user's", async () => {
    const folder = await temporaryFolder({ 'real.yaml': CONFIG })
    await symlink('real.yaml', join(folder, '.belt.yaml'))
    expect((await load(folder)).cluster.name).toBe('shop')
    await lchown(join(folder, '.belt.yaml'), NOBODY, NOBODY)
    await expect(load(folder)).rejects.toMatchObject({ code: 'unsafe-file' })
  })
})

describe('a config that the user names', () => {
  it('is read whoever can change it', async () => {
    const folder = await temporaryFolder({ 'shop.yaml': CONFIG })
    await chmod(join(folder, 'shop.yaml'), 0o666)
    expect((await load(folder, 'shop.yaml')).cluster.name).toBe('shop')
  })

  it("is refused beside a folder for Belt's state that others can change", async () => {
    const folder = await temporaryFolder({ 'shop.yaml': CONFIG, '.belt/shop/known_hosts': '' })
    await chmod(join(folder, '.belt/shop'), 0o777)
    await expect(load(folder, 'shop.yaml')).rejects.toMatchObject({
      code: 'unsafe-file',
      message: expect.stringContaining('.belt/shop can be changed by other users'),
    })
  })

  it('must be a regular file of a sensible size', async () => {
    await expect(load('/', '/dev/zero')).rejects.toMatchObject({
      code: 'unreadable-file',
      message: 'cannot read /dev/zero: it is not a regular file',
    })
    const folder = await temporaryFolder({ 'large.yaml': `# ${'x'.repeat(5 * 1024 * 1024)}\n` })
    await expect(load(folder, 'large.yaml')).rejects.toThrow('it is larger than 4 MiB')
    execFileSync('mkfifo', [join(folder, 'pipe')])
    await expect(load(folder, 'pipe')).rejects.toThrow('it is not a regular file')
  })
})

describe("the folder of Belt's state", () => {
  it.runIf(isRoot)("is refused if it is another user's, also for a new cluster", async () => {
    const folder = await temporaryFolder(IN_FOLDER)
    await chown(join(folder, '.belt'), NOBODY, NOBODY)
    await expect(load(folder)).rejects.toMatchObject({ code: 'unsafe-file' })
    const empty = await temporaryFolder()
    await mkdir(join(empty, '.belt'))
    await chown(join(empty, '.belt'), NOBODY, NOBODY)
    await expect(newCluster(empty, 'docker', 'shop')).rejects.toMatchObject({ code: 'unsafe-file' })
  })

  it('is refused if others can write to it', async () => {
    const folder = await temporaryFolder(BARE)
    await mkdir(join(folder, '.belt'))
    await chmod(join(folder, '.belt'), 0o777)
    await expect(load(folder)).rejects.toMatchObject({ code: 'unsafe-file' })
  })
})
