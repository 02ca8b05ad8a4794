import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HostError } from '../../../../src/hosts/errors.ts'
import { IdentityCache } from '../../../../src/hosts/ssh/auth/identity-cache.ts'
import type { KeyOptions } from '../../../../src/hosts/ssh/options.ts'
import { newKeyPair } from '../../../support/sshd.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

describe('the identity cache', () => {
  async function cacheOf(more: Partial<KeyOptions> = {}) {
    const homeDirectory = await temporaryFolder()
    const cache = new IdentityCache({ homeDirectory, ...more })
    const save = async (passphrase = '') => {
      const path = join(homeDirectory, '.ssh', 'id_ed25519')
      await mkdir(join(homeDirectory, '.ssh'), { recursive: true })
      await writeFile(path, newKeyPair(passphrase).privateKey, { mode: 0o600 })
    }
    return {
      save,
      keys: () => cache.use(async ({ methods }) => methods('root').length),
      refuse: () => refused(cache),
    }
  }

  async function refused(cache: IdentityCache): Promise<void> {
    const login = cache.use(() => Promise.reject(new HostError('auth', 'node1', 'refused')))
    await expect(login).rejects.toMatchObject({ failure: 'auth' })
  }

  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
  afterEach(() => void vi.useRealTimers())

  it('loads the identities once, as long as they are accepted', async () => {
    const { save, keys } = await cacheOf()
    expect(await keys()).toBe(0)
    await save()
    vi.advanceTimersByTime(2_000)
    expect(await keys()).toBe(0)
  })

  it('reloads them after a rejected login, at most once a second', async () => {
    const { save, keys, refuse } = await cacheOf()
    await refuse()
    await save()
    expect(await keys()).toBe(0)
    vi.advanceTimersByTime(2_000)
    expect(await keys()).toBe(1)
  })

  it('reloads them after the only key was unusable', async () => {
    const { save, keys } = await cacheOf()
    await save('secret')
    await expect(keys()).rejects.toMatchObject({ code: 'key-encrypted' })
    await save()
    vi.advanceTimersByTime(2_000)
    expect(await keys()).toBe(1)
  })

  it('does not reload them after it asked for a passphrase', async () => {
    let asked = 0
    const askPassphrase = async () => {
      asked += 1
      return 'secret'
    }
    const { save, keys, refuse } = await cacheOf({ askPassphrase })
    await save('secret')
    await refuse()
    vi.advanceTimersByTime(2_000)
    expect(await keys()).toBe(1)
    expect(asked).toBe(1)
  })
})
