import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { chooseCluster, listClusters, useCluster } from '../../src/config/active.ts'
import { filesOf, removeCluster } from '../../src/config/remove-cluster.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const TWO = {
  '.belt/one/config.yml': 'docker:\n',
  '.belt/one/known_hosts': '',
  '.belt/one/log/2026.log': '',
  '.belt/two/config.yml': 'docker:\n',
}

describe('removing a cluster', () => {
  it('takes its config and its state, and leaves the other clusters', async () => {
    const cwd = await temporaryFolder(TWO)
    const cluster = await useCluster(cwd, 'one')
    const files = await filesOf(cluster)
    expect(files.map(path => path.slice(cluster.folder.length + 1))).toEqual([
      'known_hosts',
      'log',
      'config.yml',
    ])
    await removeCluster(cluster, files)
    expect(await readdir(join(cwd, '.belt'))).not.toContain('one')
    expect(await listClusters(cwd)).toMatchObject([{ name: 'two' }])
    expect((await chooseCluster({ cwd })).name).toBe('two')
  })

  it('leaves another cluster active', async () => {
    const cwd = await temporaryFolder(TWO)
    await useCluster(cwd, 'two')
    const cluster = await chooseCluster({ cwd, cluster: 'one' })
    await removeCluster(cluster, await filesOf(cluster))
    expect(await listClusters(cwd)).toMatchObject([{ name: 'two', active: true }])
  })

  it('takes a bare config, which lies outside of the folder with the state', async () => {
    const cwd = await temporaryFolder({
      '.belt.yaml': 'name: bare\ndocker:\n',
      '.belt/bare/known_hosts': '',
      'README.md': '',
    })
    const cluster = await chooseCluster({ cwd })
    await removeCluster(cluster, await filesOf(cluster))
    expect((await readdir(cwd)).toSorted()).toEqual(['.belt', 'README.md'])
    expect(await readdir(join(cwd, '.belt'))).toEqual([])
  })

  it('leaves what was put there after the question', async () => {
    const cwd = await temporaryFolder(TWO)
    const cluster = await chooseCluster({ cwd, cluster: 'one' })
    const files = await filesOf(cluster)
    await writeFile(join(cluster.folder, 'backup.tar'), '')
    await removeCluster(cluster, files)
    expect(await readdir(cluster.folder)).toEqual(['backup.tar'])
  })
})
