import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { command } from '../../src/remote/command.ts'
import { hasShellUsers, ShellUsers } from './shell-users.ts'
import { sshHostsFor } from './ssh-hosts.ts'

describe.skipIf(!hasShellUsers)('users of a private sshd', () => {
  let users: ShellUsers
  let hosts: ReturnType<typeof sshHostsFor>
  beforeAll(async () => {
    users = await ShellUsers.start({ config: ['MaxAuthTries 3'] })
    hosts = sshHostsFor(users.sshd)
  })
  afterAll(async () => {
    hosts?.close()
    await users?.stop()
  })
  const run = (user: 'bash' | 'sudoer', ...argv: string[]) =>
    hosts.host(users.address(user)).run(command(...argv))

  it('log in as themselves, in homes of their own', async () => {
    const { stdout } = await run('bash', 'sh', '-c', 'id -un; pwd')
    expect(stdout).toBe(`bash\n${users.home('bash')}\n`)
  })

  it('become root only where they may', async () => {
    expect(await run('bash', 'sudo', '-n', 'id', '-u')).toMatchObject({ code: 1 })
    expect(await run('sudoer', 'sudo', '-n', 'id', '-u')).toMatchObject({ code: 0, stdout: '0\n' })
  })
})
