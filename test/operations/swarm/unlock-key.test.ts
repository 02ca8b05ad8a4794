import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withKeyPlace } from '../../../src/operations/swarm/unlock-key.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const KEY = 'SWMKEY-1-secret'

describe('withKeyPlace', () => {
  it('writes the key to a new file that only its owner can read', async () => {
    const file = join(await temporaryFolder(), 'prod.key')
    await withKeyPlace({ file, show: undefined }, keep => keep(KEY))
    expect(readFileSync(file, 'utf8')).toBe('SWMKEY-1-secret\n')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('makes no file before there is a key, so that a killed run leaves none', async () => {
    const file = join(await temporaryFolder(), 'prod.key')
    await withKeyPlace({ file, show: undefined }, async keep => {
      expect(existsSync(file)).toBe(false)
      writeFileSync(file, 'made by somebody else meanwhile')
      await expect(keep(KEY)).rejects.toMatchObject({ code: 'key-not-kept' })
    })
    expect(readFileSync(file, 'utf8')).toBe('made by somebody else meanwhile')
  })

  it('leaves no empty file behind if there came no key', async () => {
    const file = join(await temporaryFolder(), 'prod.key')
    const fail = async () => {
      throw new Error('no manager answers')
    }
    await expect(withKeyPlace({ file, show: undefined }, fail)).rejects.toThrow('no manager answers')
    expect(existsSync(file)).toBe(false)
  })

  it('shows the key to a person', async () => {
    const shown: string[] = []
    const show = async (key: string) => void shown.push(key)
    await withKeyPlace({ file: undefined, show }, keep => keep(KEY))
    expect(shown).toEqual([KEY])
  })

  it('shows nothing if there is a file', async () => {
    const file = join(await temporaryFolder(), 'prod.key')
    const shown: string[] = []
    const show = async (key: string) => void shown.push(key)
    await withKeyPlace({ file, show }, keep => keep(KEY))
    expect(shown).toEqual([])
  })

  it('refuses, before anything is changed, what is neither a person nor a file', async () => {
    let isChanged = false
    const change = async () => {
      isChanged = true
    }
    await expect(withKeyPlace({ file: undefined, show: undefined }, change)).rejects.toMatchObject({
      code: 'no-place-for-key',
      exitCode: 2,
    })
    expect(isChanged).toBe(false)
  })

  it('never writes over an old key, which a manager may still need', async () => {
    const file = join(await temporaryFolder(), 'prod.key')
    writeFileSync(file, 'old')
    await expect(withKeyPlace({ file, show: undefined }, keep => keep(KEY))).rejects.toMatchObject({
      exitCode: 2,
    })
    expect(readFileSync(file, 'utf8')).toBe('old')
  })

  it('refuses a file that cannot be made', async () => {
    const file = join(await temporaryFolder(), 'nowhere', 'prod.key')
    await expect(withKeyPlace({ file, show: undefined }, keep => keep(KEY))).rejects.toMatchObject({
      exitCode: 2,
    })
    expect(existsSync(file)).toBe(false)
  })
})
