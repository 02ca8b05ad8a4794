import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { connectionFingerprint } from '../../src/config/connection-fingerprint.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('runs of Belt that may share connections', () => {
  it('have the same config and the same connection variables', async () => {
    const folder = await temporaryFolder({ '.belt.yaml': 'docker:\n' })
    const configPath = join(folder, '.belt.yaml')
    const cluster = { name: 'c', configPath, folder }
    const nameWith = (environment: Record<string, string>) => connectionFingerprint(cluster, environment)
    const name = await nameWith({ HOME: '/home/me', TERM: 'xterm' })
    expect(name).toMatch(/^[0-9a-f]{24}$/)
    expect(await nameWith({ TERM: 'vt100', HOME: '/home/me', BELT_YES: '1' })).toBe(name)
    expect(await nameWith({ HOME: '/home/me', BELT_SSH_AGENT: '1h', BELT_SSH_KEEP_WARM: '1h' })).toBe(name)
    const others = [
      await nameWith({ HOME: '/home/you' }),
      await nameWith({ HOME: '/home/me', SSH_AUTH_SOCK: '/run/a' }),
      await nameWith({ HOME: '/home/me', BELT_SSH_USER: 'admin' }),
      await nameWith({ HOME: '/home/me', DOCKER_HOST: 'tcp://a' }),
    ]
    await writeFile(configPath, 'docker:\n  ssh_user: admin\n')
    others.push(await nameWith({ HOME: '/home/me', TERM: 'xterm' }))
    expect(new Set([name, ...others]).size).toBe(6)
  })
})
