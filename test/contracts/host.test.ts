import { readFile, stat } from 'node:fs/promises'
import { describe } from 'vitest'
import { HostError } from '../../src/hosts/errors.ts'
import { FakeHost, type Reply } from '../support/fake-host.ts'
import { sshHostsFor } from '../support/ssh-hosts.ts'
import { freePort, hasSshd, Sshd } from '../support/sshd.ts'
import { hostContract } from './host.ts'

describe.skipIf(!hasSshd)('over a real SSH server', () => {
  hostContract('ssh2', async () => {
    const sshd = await Sshd.start()
    const hosts = sshHostsFor(sshd)
    return {
      host: hosts.host(sshd.address('node1')),
      deadHost: hosts.host(sshd.address('node2', { port: await freePort() })),
      folder: sshd.folder,
      async readFile(path) {
        const { mode } = await stat(path)
        return { content: await readFile(path, 'utf8'), mode: mode & 0o777 }
      },
      async dispose() {
        hosts.close()
        await sshd.stop()
      },
    }
  })
})

hostContract('the fake', async () => {
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
  return {
    host,
    deadHost,
    folder: '/tmp',
    readFile: async path => host.files.get(path) ?? { content: '', mode: 0 },
    dispose: async () => {},
  }
})
