import { existsSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { chooseCluster, listClusters } from '../../src/config/active.ts'
import { loadConfig } from '../../src/config/load.ts'
import { newCluster } from '../../src/config/new-cluster.ts'
import { otherBelt } from '../support/other-belt.ts'
import { makeReadOnly, smallDisk } from '../support/small-disk.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('a new cluster', () => {
  it('has a config that works unchanged', async () => {
    const cwd = await temporaryFolder()
    const cluster = await newCluster(cwd, 'docker', 'swarm2k')
    expect(cluster.configPath).toBe(join(cwd, '.belt/swarm2k/config.yml'))
    expect((await loadConfig(await chooseCluster({ cwd }), {})).driver.name).toBe('docker')
    expect(await listClusters(cwd)).toMatchObject([{ name: 'swarm2k', active: false }])
  })

  it('needs a driver, and the refusal lists them', async () => {
    const hint = expect.stringMatching(
      /--driver docker shop.*\n.*--driver digitalocean shop.*\n.*ec2.*\n.*static/,
    )
    await expect(newCluster(await temporaryFolder(), undefined, 'shop')).rejects.toMatchObject({
      code: 'no-driver',
      exitCode: 2,
      hint,
    })
  })

  it('is private to the user', async () => {
    const { folder, configPath } = await newCluster(await temporaryFolder(), 'docker', 'swarm2k')
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect((await stat(configPath)).mode & 0o777).toBe(0o600)
  })

  it('comes with the schema that its first line refers to', async () => {
    const { folder, configPath } = await newCluster(await temporaryFolder(), 'static', 'old')
    const [, schema = ''] = /\$schema=(\S+)/.exec(await readFile(configPath, 'utf8')) ?? []
    expect(JSON.parse(await readFile(join(folder, schema), 'utf8'))).toHaveProperty('properties.static')
  })

  it('is created next to existing clusters', async () => {
    const cwd = await temporaryFolder({ '.belt/one/config.yml': 'docker:\n', 'src/file': '' })
    const { configPath } = await newCluster(join(cwd, 'src'), 'docker', 'two')
    expect(configPath).toBe(join(cwd, '.belt/two/config.yml'))
  })

  it('never replaces another', async () => {
    const cwd = await temporaryFolder({
      '.belt/one/config.yaml': '# mine\n',
      '.belt.yaml': 'name: bare\ndocker:\n',
    })
    await expect(newCluster(cwd, 'docker', 'one')).rejects.toMatchObject({
      code: 'cluster-exists',
      exitCode: 2,
    })
    await expect(newCluster(cwd, 'docker', 'bare')).rejects.toMatchObject({ code: 'cluster-exists' })
    expect(await readFile(join(cwd, '.belt/one/config.yaml'), 'utf8')).toBe('# mine\n')
  })

  it('is created by only one of several Belts at once', async () => {
    const cwd = await temporaryFolder()
    const answers = await Promise.all([1, 2, 3].map(() => otherBelt(cwd, 'new', 'swarm2k')))
    expect(answers.sort()).toEqual(['', 'cluster-exists', 'cluster-exists'])
  })

  it.each(['', 'My_Swarm', '-x', 'a.b', '../x', 'x'.repeat(64), 'active'])(
    'cannot be called %j',
    async name => {
      const cwd = await temporaryFolder()
      await expect(newCluster(cwd, 'docker', name)).rejects.toMatchObject({ code: 'bad-cluster-name' })
      expect(existsSync(join(cwd, '.belt'))).toBe(false)
    },
  )

  it('needs an existing driver', async () => {
    await expect(newCluster(await temporaryFolder(), 'dokcer', 'one')).rejects.toMatchObject({
      code: 'unknown-driver',
      message: 'no such driver: "dokcer", did you mean "docker"?',
    })
  })

  it('is not half created on a full disk', async context => {
    const cwd = smallDisk(context, 16)
    await writeFile(join(cwd, 'rest'), Buffer.alloc(16 * 1024)).catch(() => {})
    await expect(newCluster(cwd, 'docker', 'one')).rejects.toMatchObject({
      code: 'unwritable-file',
      exitCode: 1,
      message: expect.stringContaining(`${cwd}/.belt/one/config.yml`),
      hint: expect.stringContaining('free up disk space'),
    })
    expect(await listClusters(cwd)).toEqual([])
  })

  it('is refused in a read-only folder', async context => {
    const cwd = smallDisk(context, 16)
    makeReadOnly(cwd)
    await expect(newCluster(cwd, 'docker', 'one')).rejects.toMatchObject({
      code: 'unwritable-file',
      hint: expect.stringContaining('ls -ld'),
    })
  })
})
