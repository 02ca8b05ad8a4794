import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openKeyKeeper } from '../../src/cli/unlock-key.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const pipe = { write() {} }

describe('openKeyKeeper', () => {
  it('writes the key to a new file that only its owner can read', async () => {
    const file = join(await temporaryFolder(), 'prod.key')
    const keeper = await openKeyKeeper(file, pipe)
    await keeper.keep('SWMKEY-1-secret')
    await keeper.close()
    expect(readFileSync(file, 'utf8')).toBe('SWMKEY-1-secret\n')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('leaves no empty file behind when there came no key', async () => {
    const file = join(await temporaryFolder(), 'prod.key')
    await (await openKeyKeeper(file, pipe)).close()
    expect(existsSync(file)).toBe(false)
  })

  it('shows the key on a terminal', async () => {
    const shown: string[] = []
    const terminal = { isTTY: true, write: (text: string) => shown.push(text) }
    await (await openKeyKeeper(undefined, terminal)).keep('SWMKEY-1-secret')
    expect(shown.join('')).toContain('SWMKEY-1-secret')
  })

  it('refuses, before anything is changed, what is neither a terminal nor a file', async () => {
    await expect(openKeyKeeper(undefined, pipe)).rejects.toMatchObject({
      code: 'no-place-for-key',
      exitCode: 2,
    })
  })

  it('never writes over an old key, which a manager may still need', async () => {
    const file = join(await temporaryFolder(), 'prod.key')
    writeFileSync(file, 'old')
    await expect(openKeyKeeper(file, pipe)).rejects.toMatchObject({ exitCode: 2 })
    expect(readFileSync(file, 'utf8')).toBe('old')
  })

  it('refuses a file that cannot be made', async () => {
    const file = join(await temporaryFolder(), 'nowhere', 'prod.key')
    await expect(openKeyKeeper(file, pipe)).rejects.toMatchObject({ exitCode: 2 })
    expect(existsSync(file)).toBe(false)
  })
})
