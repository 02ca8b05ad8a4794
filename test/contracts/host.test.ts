import { readFile, stat } from 'node:fs/promises'
import { describe } from 'vitest'
import { HostError } from '../../src/hosts/errors.ts'
import type { Host, HostAddress } from '../../src/hosts/host.ts'
import { recordedHost } from '../../src/hosts/journaled-host.ts'
import { silentRecorder } from '../../src/record.ts'
import { TestAgent } from '../support/belt-agent.ts'
import { FakeHost, type Reply } from '../support/fake-host.ts'
import { hasShellUsers, ShellUsers } from '../support/shell-users.ts'
import { sshHostsFor } from '../support/ssh-hosts.ts'
import { freePort, hasSshd, Sshd } from '../support/sshd.ts'
import { type HostUnderTest, hostContract } from './host.ts'

describe.skipIf(!hasSshd)('over a real SSH server', () => {
  hostContract('ssh2', async () => {
    const sshd = await Sshd.start()
    const hosts = sshHostsFor(sshd)
    return underTest(
      sshd,
      address => hosts.host(address),
      async () => hosts.close(),
    )
  })

  hostContract('openssh', async () => {
    const sshd = await Sshd.start()
    const hosts = sshHostsFor(sshd, { client: 'openssh', configFile: 'none' })
    return underTest(
      sshd,
      address => hosts.host(address),
      async () => hosts.close(),
    )
  })

  hostContract("Belt's agent", async () => {
    const sshd = await Sshd.start()
    const agent = await TestAgent.start(sshd)
    const client = await agent.connect()
    return underTest(
      sshd,
      address => client.host(address),
      () => agent.dispose(),
    )
  })
})

const USERS = {
  ops: { shell: '/bin/bash', sudo: true },
  deploy: { shell: '/bin/bash' },
} as const

async function underTest(
  sshd: Sshd,
  hostAt: (address: HostAddress) => Host,
  close: () => Promise<void>,
): Promise<HostUnderTest> {
  const users = hasShellUsers ? await ShellUsers.start({ users: USERS, key: sshd }) : undefined
  const forcing = await Sshd.start({ user: sshd, config: ['ForceCommand echo "only backups here" >&2'] })
  return {
    host: hostAt(sshd.address('node1')),
    deadHost: hostAt(sshd.address('node2', { port: await freePort() })),
    otherHost: hostAt(forcing.address('node3')),
    ...(users && {
      sudoHost: hostAt(users.address('ops')),
      deniedHost: hostAt(users.address('deploy')),
    }),
    folder: sshd.folder,
    async readFile(path) {
      const { mode } = await stat(path)
      return { content: await readFile(path, 'utf8'), mode: mode & 0o777 }
    },
    async dispose() {
      await close()
      await Promise.all([sshd.stop(), forcing.stop(), users?.stop()])
    },
  }
}

async function fake(): Promise<HostUnderTest> {
  const host = new FakeHost('node1', (line, stdin) => {
    const replies: Record<string, Reply> = {
      "sh -c 'echo out; echo err >&2; exit 3'": { code: 3, stdout: 'out\n', stderr: 'err\n' },
      cat: { stdout: stdin.toString() },
      'printf %s 123456789': { stdout: '123456789' },
      'sleep 30': { hangs: true },
    }
    return replies[line]
  })
  const deadHost = new FakeHost('node2')
  deadHost.down = new HostError('refused', 'node2', 'connection refused', { hint: 'start it' })
  const otherHost = new FakeHost('node3')
  otherHost.down = new HostError('not-run', 'node3', 'node3 did not run the command', { hint: 'look there' })
  const deniedHost = new FakeHost('node4', () => ({}))
  deniedHost.deny('root')
  return {
    host,
    deadHost,
    otherHost,
    deniedHost,
    folder: '/tmp',
    readFile: async path => host.files.get(path) ?? { content: '', mode: 0 },
    dispose: async () => {},
  }
}

hostContract('the fake', fake)

hostContract('a recorded host', async () => {
  const { host, deadHost, otherHost, deniedHost, ...rest } = await fake()
  const recorded = (inner: Host) => recordedHost(inner, silentRecorder)
  return {
    ...rest,
    host: recorded(host),
    deadHost: recorded(deadHost),
    otherHost: recorded(otherHost),
    ...(deniedHost && { deniedHost: recorded(deniedHost) }),
  }
})
