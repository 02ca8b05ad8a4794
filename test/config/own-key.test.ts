import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { chooseCluster } from '../../src/config/active.ts'
import { makeOwnKey } from '../../src/config/own-key.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe("a cluster's own SSH key", () => {
  it('is made once, for the user alone, and stays out of version control', async () => {
    const cluster = await chooseCluster({
      cwd: await temporaryFolder({ '.belt/shop/config.yml': 'docker:\n' }),
    })
    let made = 0
    const newKey = () => `key ${++made}`
    const paths = await Promise.all([1, 2, 3].map(() => makeOwnKey(cluster, newKey)))
    const [path = ''] = paths.flatMap(each => each ?? [])
    expect(paths.filter(each => each !== undefined)).toHaveLength(1)
    expect(await readFile(path, 'utf8')).toBe('key 1')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700)
    expect(await readFile(join(dirname(path), '.gitignore'), 'utf8')).toBe('*\n')
  })
})
