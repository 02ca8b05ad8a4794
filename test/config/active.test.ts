import { readFileSync } from 'node:fs'
import { readFile, stat, symlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { chooseCluster, listClusters, useCluster } from '../../src/config/active.ts'
import { activeHost, lastFailures } from '../../src/config/remembered.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const CONFIG = 'docker:\n'
const TWO = { '.belt/one/config.yml': CONFIG, '.belt/two/config.yml': CONFIG }

describe('the cluster to work on', () => {
  it('is the only one there is', async () => {
    const cwd = await temporaryFolder({ '.belt/one/config.yml': CONFIG })
    expect((await chooseCluster({ cwd })).name).toBe('one')
  })

  it('must be named if there are several', async () => {
    const cwd = await temporaryFolder(TWO)
    await expect(chooseCluster({ cwd })).rejects.toMatchObject({
      code: 'no-active-cluster',
      exitCode: 2,
      message: 'no cluster is active; available clusters: one, two',
      hint: expect.stringContaining('belt use one'),
    })
  })

  it('is the active one, also from subfolders', async () => {
    const cwd = await temporaryFolder({ ...TWO, 'src/file': '' })
    await useCluster(cwd, 'two')
    expect((await chooseCluster({ cwd: join(cwd, 'src') })).name).toBe('two')
  })

  it('comes from a bare file unless another cluster is active', async () => {
    const cwd = await temporaryFolder({ ...TWO, '.belt.yaml': 'name: bare\ndocker:\n' })
    expect((await chooseCluster({ cwd })).name).toBe('bare')
    await useCluster(cwd, 'one')
    expect((await chooseCluster({ cwd })).name).toBe('one')
  })

  it('is the named one, whichever is active', async () => {
    const cwd = await temporaryFolder(TWO)
    await useCluster(cwd, 'two')
    expect((await chooseCluster({ cwd, cluster: 'one' })).name).toBe('one')
    expect((await chooseCluster({ cwd, cluster: '' })).name).toBe('two')
  })

  it('comes from the named file', async () => {
    const cwd = await temporaryFolder({ ...TWO, 'clusters/Prod.yaml': CONFIG })
    const cluster = await chooseCluster({ cwd, config: 'clusters/Prod.yaml' })
    expect(cluster).toEqual({
      name: 'prod',
      configPath: join(cwd, 'clusters/Prod.yaml'),
      isNamed: true,
      folder: join(cwd, 'clusters/.belt/prod'),
    })
    const inFolder = await chooseCluster({ cwd, config: '.belt/two/config.yml' })
    expect(inFolder).toMatchObject({ name: 'two', folder: join(cwd, '.belt/two') })
  })

  it.each([
    [{ cluster: 'three' }, 'no-such-cluster', 'no such cluster: "three"; available clusters: one, two'],
    [{ config: 'gone.yaml' }, 'no-config-file', 'gone.yaml does not exist'],
  ])('does not exist: %j', async (choice, code, message) => {
    const cwd = await temporaryFolder(TWO)
    await expect(chooseCluster({ cwd, ...choice })).rejects.toMatchObject({
      code,
      exitCode: 2,
      message: expect.stringContaining(message),
    })
  })

  it('is not an active one that no longer exists', async () => {
    const cwd = await temporaryFolder({ ...TWO, '.belt/active': 'three\n' })
    await expect(chooseCluster({ cwd })).rejects.toMatchObject({ code: 'no-such-cluster' })
  })

  it('cannot have a name that is not valid for machines', async () => {
    const cwd = await temporaryFolder({ '.belt/My_Cluster/config.yml': CONFIG })
    await expect(chooseCluster({ cwd })).rejects.toMatchObject({
      code: 'bad-cluster-name',
      hint: expect.stringContaining('my-cluster'),
    })
  })

  it('must be created if there is none', async () => {
    const cwd = await temporaryFolder()
    await expect(chooseCluster({ cwd })).rejects.toMatchObject({
      code: 'no-cluster',
      hint: 'create one: belt cluster new --driver docker NAME',
    })
  })

  it('is found without loading the schema or the YAML parser', () => {
    expect(packagesBehind(resolve('src/config/active.ts'))).toEqual([])
    expect(packagesBehind(resolve('src/config/remembered.ts'))).toEqual([])
  })
})

describe('the list of clusters', () => {
  it('marks the active one', async () => {
    const cwd = await temporaryFolder(TWO)
    const marks = async () => (await listClusters(cwd)).map(({ name, active }) => [name, active])
    expect(await marks()).toEqual([
      ['one', false],
      ['two', false],
    ])
    await useCluster(cwd, 'two')
    expect(await marks()).toEqual([
      ['one', false],
      ['two', true],
    ])
  })

  it('is empty if there are none', async () => {
    expect(await listClusters(await temporaryFolder())).toEqual([])
  })
})

describe('what Belt remembers', () => {
  it('includes the active host until it is cleared', async () => {
    const host = activeHost(await cluster())
    expect(await host.get()).toBeUndefined()
    await host.set('mg0')
    expect(await host.get()).toBe('mg0')
    await host.clear()
    await host.clear()
    expect(await host.get()).toBeUndefined()
  })

  it('includes the hosts that failed, also when none did', async () => {
    const failures = lastFailures(await cluster())
    expect(await failures.get()).toBeUndefined()
    await failures.set(['node1', 'node3'])
    expect(await failures.get()).toEqual(['node1', 'node3'])
    await failures.set([])
    expect(await failures.get()).toEqual([])
  })

  it('is private to the user and kept out of version control', async () => {
    const one = await cluster()
    await activeHost(one).set('mg0')
    expect((await stat(join(one.folder, 'active'))).mode & 0o777).toBe(0o600)
    const ignored = await readFile(join(one.folder, '../.gitignore'), 'utf8')
    expect(ignored.split('\n')).toEqual(expect.arrayContaining(['active', 'failed', 'known_hosts']))
  })

  it('replaces a symbolic link instead of the file that it leads to', async () => {
    const cwd = await temporaryFolder({ ...TWO, victim: 'untouched' })
    await symlink('../victim', join(cwd, '.belt/active'))
    await useCluster(cwd, 'one')
    expect(await readFile(join(cwd, 'victim'), 'utf8')).toBe('untouched')
    expect(await readFile(join(cwd, '.belt/active'), 'utf8')).toBe('one\n')
  })

  it("keeps the user's own .gitignore", async () => {
    const cwd = await temporaryFolder({ ...TWO, '.belt/.gitignore': '*\n' })
    await useCluster(cwd, 'one')
    expect(await readFile(join(cwd, '.belt/.gitignore'), 'utf8')).toBe('*\n')
  })
})

async function cluster() {
  return chooseCluster({ cwd: await temporaryFolder({ '.belt/one/config.yml': CONFIG }) })
}

/** The packages that a file imports at once, directly or through others. */
function packagesBehind(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return []
  seen.add(file)
  const imports = [...readFileSync(file, 'utf8').matchAll(/^import (?!type )[^;]*?from '([^']+)'/gms)]
  return imports.flatMap(([, to = '']) => {
    if (to.startsWith('.')) return packagesBehind(resolve(dirname(file), to), seen)
    return to.startsWith('node:') ? [] : [to]
  })
}
