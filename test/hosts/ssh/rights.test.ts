import { mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SshHosts } from '../../../src/hosts/ssh/ssh-hosts.ts'
import { hasShellUsers, ShellUsers } from '../../support/shell-users.ts'
import { Sink } from '../../support/sink.ts'
import { sshHostsFor } from '../../support/ssh-hosts.ts'
import { until } from '../../support/sshd.ts'

const USERS = {
  ops: { shell: '/bin/bash', sudo: true },
  fishy: { shell: '/usr/bin/fish', sudo: true },
  deploy: { shell: '/bin/bash' },
} as const

describe.skipIf(!hasShellUsers)('a user who is not root', () => {
  let users: ShellUsers<keyof typeof USERS>
  let hosts: SshHosts
  const host = (user: keyof typeof USERS) => hosts.host(users.address(user))
  beforeAll(async () => {
    users = await ShellUsers.start({ users: USERS })
    hosts = sshHostsFor(users.sshd)
  })
  afterAll(async () => {
    hosts?.close()
    await users?.stop()
  })

  it.each(['ops', 'fishy'] as const)(
    'becomes root for what needs it, with any login shell: %s',
    async user => {
      const script = `set -e\nprintf '%s\\n' "$(id -u)" 'it'\\''s' "$HOME"\nexit 7`
      expect(await host(user).run({ shell: script, needs: 'root' })).toMatchObject({
        code: 7,
        stdout: "0\nit's\n/root\n",
      })
      expect(await host(user).run({ argv: ['printf', '%s', 'a b'], needs: 'root' })).toMatchObject({
        stdout: 'a b',
      })
    },
  )

  it('keeps the way back to its client as root', async () => {
    const { stdout } = await host('ops').run({ shell: 'echo "$SSH_CONNECTION"', needs: 'root' })
    expect(stdout).toMatch(/^127\.0\.0\.1 \d+ 127\.0\.0\.1 \d+\n$/)
  })

  it('stops what runs as root', async () => {
    const path = join(users.home('ops'), 'pid')
    const running = host('ops').stream(
      { shell: `echo $$ >${path}; exec sleep 60`, needs: 'root' },
      { stdout: new Sink(), stderr: new Sink() },
      { signal: AbortSignal.timeout(1500) },
    )
    await expect(running).rejects.toMatchObject({ code: 'interrupted' })
    const pid = (await readFile(path, 'utf8')).trim()
    await until(async () => !(await isThere(`/proc/${pid}`)), 'the process has ended')
  })

  it('writes files of root', async () => {
    const folder = join(users.home('ops'), 'of-root')
    await mkdir(folder, { mode: 0o700 })
    await expect(host('ops').upload('x', join(folder, 'file'), 0o644)).rejects.toMatchObject({
      code: 'permission-denied',
    })
    await host('ops').upload('x', join(folder, 'file'), 0o644, { needs: 'root' })
    expect(await stat(join(folder, 'file'))).toMatchObject({ uid: 0 })
  })

  it('is told what sudo says, and how to allow it', async () => {
    const refused = host('deploy').run({ argv: ['id'], needs: 'root' })
    await expect(refused).rejects.toMatchObject({
      message: 'deploy@deploy may not become root (sudo -n): log in as root, or allow it',
      hint: expect.stringMatching(
        /^sudo says there: sudo: a password is required\nTo allow it, as root there: echo 'deploy ALL=\(ALL\) NOPASSWD: ALL' >/,
      ),
    })
  })
})

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
