import { utimesSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { looksLapsed } from '../../../src/domain/lease.ts'
import { localLock } from '../../../src/operations/lock/local-store.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const claim = (token: string) => ({ token, holder: 'alice', command: 'x', since: '' })
const path = async () => join(await temporaryFolder(), 'cluster', 'lock')

describe('localLock', () => {
  it('is made by one only', async () => {
    const file = await path()
    const made = await Promise.all(['a', 'b', 'c'].map(token => localLock(file).create(claim(token))))
    expect(made.filter(Boolean)).toHaveLength(1)
  })

  it('is taken over by one only', async () => {
    const file = await path()
    await localLock(file).create(claim('dead'))
    utimesSync(file, new Date(0), new Date(0))
    const lease = await localLock(file).read()
    expect(lease && looksLapsed(lease)).toBe(true)
    const taken = await Promise.all(
      ['a', 'b', 'c'].map(async token => lease && localLock(file).replace(lease, claim(token))),
    )
    expect(taken.filter(Boolean)).toHaveLength(1)
  })

  it('is not removed once another has it', async () => {
    const store = localLock(await path())
    await store.create(claim('a'))
    const lease = await store.read()
    if (!lease) throw new Error('no lock')
    await store.replace(lease, claim('b'))
    await store.remove(lease)
    expect((await store.read())?.claim.token).toBe('b')
  })

  it('cannot be told from a file that is none', async () => {
    const file = await path()
    await mkdir(join(file, '..'), { recursive: true })
    writeFileSync(file, 'not json')
    await expect(localLock(file).read()).rejects.toMatchObject({ code: 'lock-unusable' })
  })
})
