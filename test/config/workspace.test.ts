import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { clusterNameFrom } from '../../src/config/cluster-name.ts'
import { findWorkspace, knownHostsPath } from '../../src/config/workspace.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const CONFIG = 'docker:\n'

describe('a workspace', () => {
  it('is the nearest parent folder that contains a cluster', async () => {
    const folder = await temporaryFolder({
      '.belt/outer/config.yml': CONFIG,
      'project/.belt/inner/config.yml': CONFIG,
      'project/src/deep/file': '',
    })
    const workspace = await findWorkspace(join(folder, 'project/src/deep'))
    expect(workspace?.folder).toBe(join(folder, 'project'))
    expect(workspace?.clusters.map(({ name }) => name)).toEqual(['inner'])
  })

  it('is not a folder that contains only state of Belt', async () => {
    const folder = await temporaryFolder({
      '.belt/outer/config.yml': CONFIG,
      'project/.belt/gone/known_hosts': '',
    })
    expect((await findWorkspace(join(folder, 'project')))?.folder).toBe(folder)
  })

  it('accepts config.yaml and .belt.yml, and prefers the first spelling if both exist', async () => {
    const folder = await temporaryFolder({
      '.belt.yml': 'name: bare\ndocker:\n',
      '.belt/one/config.yaml': CONFIG,
      '.belt/two/config.yaml': CONFIG,
      '.belt/two/config.yml': CONFIG,
    })
    const workspace = await findWorkspace(folder)
    expect(workspace?.clusters.map(({ configPath }) => configPath)).toEqual([
      join(folder, '.belt.yml'),
      join(folder, '.belt/one/config.yaml'),
      join(folder, '.belt/two/config.yml'),
    ])
  })

  it('ignores folders with the name of a config', async () => {
    const folder = await temporaryFolder({ '.belt/outer/config.yml': CONFIG })
    await mkdir(join(folder, 'project/.belt.yaml'), { recursive: true })
    expect((await findWorkspace(join(folder, 'project')))?.folder).toBe(folder)
  })

  it('prefers .belt.yaml to a folder of the same name', async () => {
    const folder = await temporaryFolder({
      '.belt.yaml': 'name: twin\ndocker:\n',
      '.belt/twin/config.yml': CONFIG,
    })
    const workspace = await findWorkspace(folder)
    expect(workspace?.clusters.map(({ configPath }) => configPath)).toEqual([join(folder, '.belt.yaml')])
  })

  it('reports a bare file without a readable name instead of ignoring it', async () => {
    const folder = await temporaryFolder({ '.belt.yaml': 'docker: [\n' })
    await expect(findWorkspace(folder)).rejects.toMatchObject({ code: 'bad-config' })
  })

  it.skipIf(process.getuid?.() === 0)('reports a folder that cannot be read', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, '.belt'), { mode: 0o000 })
    await expect(findWorkspace(folder)).rejects.toMatchObject({ code: 'unreadable-file' })
  })
})

describe('the cluster of a bare .belt.yaml', () => {
  it('is named by its name key', async () => {
    const folder = await temporaryFolder({ '.belt.yaml': 'name: swarm2k\ndocker:\n' })
    const [cluster] = (await findWorkspace(folder))?.clusters ?? []
    expect(cluster?.name).toBe('swarm2k')
    expect(cluster && knownHostsPath(cluster)).toBe(join(folder, '.belt/swarm2k/known_hosts'))
  })

  it('is otherwise named after its folder', async () => {
    const folder = await temporaryFolder({ '.belt.yaml': CONFIG })
    const [cluster] = (await findWorkspace(folder))?.clusters ?? []
    expect(cluster?.name).toBe(clusterNameFrom(basename(folder)))
  })

  it('must be quoted if YAML reads its name as a number', async () => {
    const folder = await temporaryFolder({ '.belt.yaml': 'docker:\nname: 01\n' })
    await expect(findWorkspace(folder)).rejects.toThrow('name: must be text: put it in quotes')
  })

  it('cannot have a name that is not valid for machines', async () => {
    const folder = await temporaryFolder({ '.belt.yaml': 'docker:\nname: My Swarm\n' })
    await expect(findWorkspace(folder)).rejects.toThrow(`${folder}/.belt.yaml:2:1: name: must be`)
  })
})

describe('a name made from a text', () => {
  it.each([
    ['My Project', 'my-project'],
    ['_x.y_', 'x-y'],
    ['日本', 'belt'],
    ['active', 'belt'],
    [`${'a'.repeat(62)}--b`, 'a'.repeat(62)],
  ])('turns %j into %j', (text, name) => {
    expect(clusterNameFrom(text)).toBe(name)
  })
})
