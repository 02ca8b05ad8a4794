import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { failedOf, fanOut } from '../../../src/hosts/fan-out.ts'
import type { SshOptions } from '../../../src/hosts/ssh/options.ts'
import type { SshHosts } from '../../../src/hosts/ssh/ssh-hosts.ts'
import { command } from '../../../src/remote/command.ts'
import { sshHostsFor } from '../../support/ssh-hosts.ts'
import { freePort, hasSshd, newKeyPair, Sshd, until } from '../../support/sshd.ts'

const hello = command('echo', 'hello')
const fleet = ['node1', 'node2', 'node3'].map(name => ({ name }))

describe.skipIf(!hasSshd)('through a bastion', () => {
  let sshd: Sshd
  let bastion: Sshd
  let hosts: SshHosts | undefined
  beforeEach(async () => {
    sshd = await Sshd.start()
    bastion = await Sshd.start({ config: ['MaxSessions 0'] })
    await writeFile(join(bastion.folder, 'authorized_keys'), `${sshd.publicKey}\n`)
  })
  afterEach(async () => {
    hosts?.close()
    await bastion.stop()
    await sshd.stop()
  })

  function connecting(more: Partial<SshOptions> = {}): SshHosts {
    const address = { address: '127.0.0.1', port: bastion.port, user: userInfo().username }
    hosts = sshHostsFor(sshd, { bastion: address, ...more })
    return hosts
  }

  it('reaches many hosts over one connection', async () => {
    const through = connecting()
    const answers = await fanOut(fleet, ({ name }) => through.host(sshd.address(name)).run(hello))
    expect(answers.map(answer => answer.ok && answer.value.stdout)).toEqual(['hello\n', 'hello\n', 'hello\n'])
    expect(bastion.logins).toBe(1)
    expect(sshd.logins).toBe(3)
  })

  it('reaches more hosts than their sshd accepts starts at once', async () => {
    const strict = await Sshd.start({ config: ['MaxStartups 10:30:60'] })
    try {
      await writeFile(join(bastion.folder, 'authorized_keys'), `${strict.publicKey}\n`)
      const address = { address: '127.0.0.1', port: bastion.port, user: userInfo().username }
      const dropped: string[] = []
      hosts = sshHostsFor(strict, { bastion: address, onRetry: name => dropped.push(name) })
      const through = hosts
      const many = Array.from({ length: 80 }, (_, index) => ({ name: `node${index}` }))
      const answers = await fanOut(many, ({ name }) => through.host(strict.address(name)).run(hello))
      expect(failedOf(answers)).toEqual([])
      expect(dropped.length).toBeGreaterThan(0)
    } finally {
      await strict.stop()
    }
  })

  it('stores the key of the bastion where ssh looks for it', async () => {
    await connecting().host(sshd.address('node1')).run(hello)
    const lines = (await readFile(join(sshd.folder, 'known_hosts'), 'utf8')).trim().split('\n')
    expect(lines.map(line => line.split(' ')[0])).toEqual([`[127.0.0.1]:${bastion.port}`, 'node1'])
  })

  it('rejects a bastion with a changed key', async () => {
    const { publicKey } = newKeyPair()
    await writeFile(join(sshd.folder, 'known_hosts'), `[127.0.0.1]:${bastion.port} ${publicKey}\n`)
    await expect(connecting().host(sshd.address('node1')).run(hello)).rejects.toMatchObject({
      failure: 'host-key',
      host: 'node1',
      message: expect.stringContaining(`the host key of [127.0.0.1]:${bastion.port} has changed`),
    })
    expect(sshd.logins).toBe(0)
  })

  it('reports a dead bastion for each host, and does not retry it for fresh machines', async () => {
    const port = await freePort()
    const through = connecting({ bastion: { address: '127.0.0.1', port, user: 'root' } })
    const answers = await fanOut(fleet, ({ name }) =>
      through.host(sshd.address(name, { fresh: true })).run(hello),
    )
    expect(failedOf(answers).map(({ error }) => error.message)).toEqual(
      fleet.map(
        ({ name }) =>
          `cannot reach ${name}: cannot reach the bastion (root@127.0.0.1:${port}): connection refused`,
      ),
    )
  })

  it('distinguishes a dead host from a dead bastion', async () => {
    const port = await freePort()
    const through = connecting()
    await expect(through.host(sshd.address('node1', { port })).run(hello)).rejects.toMatchObject({
      failure: 'unreachable',
      message: `cannot reach node1: the bastion cannot connect to 127.0.0.1:${port} ((SSH) Channel open failure: Connection refused)`,
    })
    expect(await through.host(sshd.address('node2')).run(hello)).toMatchObject({ code: 0 })
  })

  it('reports that the bastion does not allow forwarding', async () => {
    const strict = await Sshd.start({ config: ['AllowTcpForwarding no'] })
    try {
      await writeFile(join(strict.folder, 'authorized_keys'), `${sshd.publicKey}\n`)
      const address = { address: '127.0.0.1', port: strict.port, user: userInfo().username }
      await expect(
        connecting({ bastion: address }).host(sshd.address('node1')).run(hello),
      ).rejects.toMatchObject({
        failure: 'failed',
        hint: expect.stringContaining('AllowTcpForwarding'),
      })
    } finally {
      await strict.stop()
    }
  })

  it('reports the host as lost if the bastion breaks, and reaches it again afterwards', async () => {
    const host = connecting().host(sshd.address('node1'))
    await host.run(hello)
    const started = join(sshd.folder, 'started')
    const running = host.run(command('sh', '-c', `: >'${started}'; exec sleep 60`))
    const lost = expect(running).rejects.toMatchObject({ failure: 'lost', host: 'node1' })
    await until(() => existsSync(started), 'the command runs')
    bastion.cutConnections()
    await lost
    expect(await host.run(hello)).toMatchObject({ stdout: 'hello\n' })
  })
})
