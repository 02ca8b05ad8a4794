import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { chooseCluster } from '../../src/config/active.ts'
import { afterWork } from '../../src/config/after-work.ts'
import { activeHost, lastFailures } from '../../src/config/remembered.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('a write of state after work on hosts', () => {
  it('only warns if the folder cannot be written to', async () => {
    const cwd = await temporaryFolder({ '.belt.yaml': 'name: shop\ndocker:\n' })
    await writeFile(join(cwd, '.belt'), 'a file where the folder should be')
    const cluster = { ...(await clusterIn(cwd)), folder: join(cwd, '.belt/shop') }
    const warnings: string[] = []
    const saving = afterWork(message => warnings.push(message))
    await saving('@failed', lastFailures(cluster).set(['node1']))
    expect(warnings).toEqual([
      expect.stringMatching(/^warning: @failed could not be saved: cannot .*BELT_STATE_DIR/),
    ])
    await expect(activeHost(cluster).set('node1')).rejects.toMatchObject({ code: expect.any(String) })
  })
})

describe('BELT_STATE_DIR', () => {
  it('takes the state of clusters whose configs are read-only', async () => {
    const cwd = await temporaryFolder({ '.belt.yaml': 'name: shop\ndocker:\n' })
    const state = await temporaryFolder()
    const cluster = await clusterIn(cwd, { BELT_STATE_DIR: state })
    expect(cluster.folder).toBe(join(state, 'shop'))
    await lastFailures(cluster).set(['node1'])
    expect(await readFile(join(state, 'shop/failed'), 'utf8')).toBe('node1\n')
  })

  it.each(['.belt/shop/config.yml', 'shop.yaml'])(
    'takes the state of %s named with --config',
    async config => {
      const cwd = await temporaryFolder({ [config]: 'docker:\n' })
      const state = await temporaryFolder()
      const cluster = await chooseCluster({ cwd, config, environment: { BELT_STATE_DIR: state } })
      expect(cluster.folder).toBe(join(state, 'shop'))
    },
  )
})

async function clusterIn(cwd: string, environment = {}) {
  return chooseCluster({ cwd, config: '.belt.yaml', environment })
}
