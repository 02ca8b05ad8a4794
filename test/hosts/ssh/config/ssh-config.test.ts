import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { HostAddress } from '../../../../src/hosts/host.ts'
import { KnownHosts } from '../../../../src/hosts/known-hosts/known-hosts.ts'
import { SshConfig } from '../../../../src/hosts/ssh/config/ssh-config.ts'
import { SSH_DEFAULTS, type SshOptions } from '../../../../src/hosts/ssh/options.ts'
import { command } from '../../../../src/remote/command.ts'
import { SshAgent } from '../../../support/ssh-agent.ts'
import { sshHostsFor } from '../../../support/ssh-hosts.ts'
import { hasSshd, newKeyPair, Sshd } from '../../../support/sshd.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const hello = command('echo', 'hello')

/** A host whose user and port Belt's config leaves open. */
const written = (address: string): HostAddress => ({
  name: 'node1',
  address,
  port: 22,
  user: 'root',
  fresh: false,
  fromSshConfig: ['user', 'port'],
})

describe.skipIf(!hasSshd)('ssh_config', () => {
  let homeDirectory: string
  const inHome = (name: string) => join(homeDirectory, '.ssh', name)
  beforeEach(async () => {
    homeDirectory = await temporaryFolder()
    await mkdir(inHome(''))
  })

  function configFor(more: Partial<SshOptions> = {}): SshConfig {
    const knownHosts = new KnownHosts(join(homeDirectory, 'known_hosts'))
    return new SshConfig({ ...SSH_DEFAULTS, homeDirectory, knownHosts, ...more })
  }

  async function started(): Promise<Sshd> {
    const sshd = await Sshd.start()
    onTestFinished(() => sshd.stop())
    return sshd
  }

  function hostOf(sshd: Sshd, address: HostAddress, more: Partial<SshOptions> = {}) {
    const hosts = sshHostsFor(sshd, { privateKey: undefined, homeDirectory, ...more })
    onTestFinished(() => hosts.close())
    return hosts.host(address)
  }

  const block = (alias: string, sshd: Sshd, ...lines: string[]) =>
    [
      `Host ${alias}`,
      'HostName 127.0.0.1',
      `Port ${sshd.port}`,
      `User ${userInfo().username}`,
      `IdentityFile ${sshd.privateKey}`,
      ...lines,
      '',
    ].join('\n')

  it('gives an alias its address, port, user and key', async () => {
    const sshd = await started()
    await writeFile(inHome('config'), block('web', sshd))
    expect(await hostOf(sshd, written('web')).run(hello)).toMatchObject({ stdout: 'hello\n' })
  })

  it('leads through a chain of jump hosts, each with its own settings', async () => {
    const [web, first, second] = await Promise.all([started(), started(), started()])
    await writeFile(
      inHome('config'),
      block('first', first) +
        block('second', second, 'ProxyJump first') +
        block('web', web, 'ProxyJump second'),
    )
    expect(await hostOf(web, written('web')).run(hello)).toMatchObject({ stdout: 'hello\n' })
    expect([first.logins, second.logins, web.logins]).toEqual([1, 1, 1])
    await writeFile(inHome('config'), block('first', first) + block('second', second) + block('web', web))
    const bastion = { address: 'second', user: undefined, port: undefined }
    expect(await hostOf(web, written('web'), { bastion }).run(hello)).toMatchObject({ code: 0 })
    expect([first.logins, second.logins, web.logins]).toEqual([1, 2, 2])
  })

  it('names the agent, and limits it to a key', async () => {
    const sshd = await started()
    const agent = await SshAgent.start(join(homeDirectory, 'agent'))
    onTestFinished(() => agent.stop())
    for (let count = 0; count < 8; count++) agent.add(newKeyPair().privateKey)
    agent.add(await readFile(sshd.privateKey, 'utf8'))
    await writeFile(inHome('fleet.pub'), sshd.publicKey)
    await writeFile(
      inHome('config'),
      `Host web\nHostName 127.0.0.1\nPort ${sshd.port}\nIdentityAgent ${agent.socket}\nIdentitiesOnly yes\nIdentityFile ~/.ssh/fleet\n`,
    )
    expect(await hostOf(sshd, written('web')).run(hello)).toMatchObject({ stdout: 'hello\n' })
  })

  it('yields to what the config of Belt says', async () => {
    await writeFile(inHome('config'), 'Host *\nUser alice\nPort 2222\nIdentityFile /other\nProxyJump jump\n')
    const config = configFor({
      privateKey: '/mine',
      bastion: { address: 'bastion.example.com', user: 'bob', port: 222 },
    })
    const address = { ...written('web'), fromSshConfig: ['port'] as const }
    const { target, keys, jumps } = await config.route(address)
    expect(target).toMatchObject({ address: 'web', user: 'root', port: 2222 })
    expect(keys.privateKey).toBe('/mine')
    expect(jumps.at(-1)?.target).toMatchObject({ address: 'bastion.example.com', user: 'bob', port: 222 })
  })

  it('leaves the user to Belt where it names none', async () => {
    await writeFile(inHome('config'), 'Host web\nHostName 192.0.2.7\n')
    const { target, keys } = await configFor().route(written('web'))
    expect(target).toMatchObject({ address: '192.0.2.7', user: 'root', port: 22 })
    expect(keys.identityFiles).toBeUndefined()
  })

  it('does not concern machines that a cloud lists', async () => {
    await writeFile(inHome('config'), 'Host *\nUser alice\nProxyCommand nc %h %p\n')
    const { fromSshConfig: _, ...machine } = written('192.0.2.7')
    expect((await configFor().route(machine)).target).toEqual(machine)
  })

  it('leads through no jump host twice', async () => {
    await writeFile(inHome('config'), 'Host *\nProxyJump jump\n')
    const { jumps } = await configFor().route(written('web'))
    expect(jumps.map(({ target }) => target.address)).toEqual(['jump'])
    await writeFile(inHome('config'), 'Host a\nProxyJump b\nHost b\nProxyJump a\n')
    await expect(configFor().route(written('a'))).rejects.toMatchObject({
      code: 'ssh-config',
      message: expect.stringContaining('a through b through a'),
    })
  })

  it('can be another file, or none', async () => {
    await writeFile(inHome('config'), 'Host web\nPort 2222\n')
    await writeFile(join(homeDirectory, 'mine'), 'Host web\nPort 3333\n')
    const portWith = async (configFile?: string) =>
      (await configFor({ configFile }).route(written('web'))).target.port
    expect(await portWith()).toBe(2222)
    expect(await portWith('none')).toBe(22)
    expect(await portWith(join(homeDirectory, 'mine'))).toBe(3333)
  })

  it('with a ProxyCommand is refused, and says what to do instead', async () => {
    await writeFile(inHome('config'), 'Host web\nProxyCommand nc %h %p\n')
    await expect(configFor().route(written('web'))).rejects.toMatchObject({
      code: 'proxy-command',
      exitCode: 3,
      host: 'node1',
      message: expect.stringContaining('nc %h %p'),
      hint: expect.stringMatching(/ProxyJump or ssh\.bastion.*ssh\.client: openssh.*ssh\.config: none/),
    })
    const bastion = { address: 'bastion.example.com' }
    expect((await configFor({ bastion }).route(written('web'))).jumps).toHaveLength(1)
  })

  it('that is wrong is reported with the line', async () => {
    await writeFile(inHome('config'), 'Host web\nUser alice\nNoSuchOption yes\n')
    await expect(configFor().route(written('web'))).rejects.toMatchObject({
      code: 'ssh-config',
      message: expect.stringMatching(/line 3: Bad configuration option/),
      hint: expect.stringContaining('ssh.config: none'),
    })
  })

  it('that the config names and that is not there is an error', async () => {
    const configFile = join(homeDirectory, 'missing')
    await expect(configFor({ configFile }).route(written('web'))).rejects.toMatchObject({
      code: 'ssh-config',
      exitCode: 3,
      message: expect.stringContaining(`cannot read ${configFile}`),
      hint: expect.stringContaining('ssh.config'),
    })
  })

  describe('is asked', () => {
    let asked: () => Promise<string[]>
    beforeEach(async () => {
      const log = join(homeDirectory, 'asked')
      const bin = join(homeDirectory, 'bin')
      await mkdir(bin)
      await writeFile(log, '')
      await writeFile(
        join(bin, 'ssh'),
        `#!/bin/sh\nfor last; do :; done; echo "$last" >>${log}\nPATH=${process.env.PATH} exec ssh "$@"\n`,
      )
      await chmod(join(bin, 'ssh'), 0o755)
      vi.stubEnv('PATH', `${bin}:${process.env.PATH}`)
      onTestFinished(() => void vi.unstubAllEnvs())
      asked = async () => (await readFile(log, 'utf8')).split('\n').filter(Boolean)
    })
    const addresses = Array.from({ length: 300 }, (_, index) => `node${index}.example.com`)
    const routes = (config: SshConfig) =>
      Promise.all(addresses.map(address => config.route(written(address))))

    it('once for all hosts that are configured alike', async () => {
      await writeFile(inHome('more'), 'Host node7?.example.com\nUser bob\n')
      await writeFile(
        inHome('config'),
        `Include ${inHome('more')}\nHost node1.example.com\nHostName 192.0.2.1\nHost node*\nUser alice\n`,
      )
      const found = await routes(configFor())
      expect(await asked()).toHaveLength(3)
      expect(found.map(({ target }) => target.address)).toEqual(
        addresses.map(address => (address === 'node1.example.com' ? '192.0.2.1' : address)),
      )
      expect(found.filter(({ target }) => target.user === 'bob')).toHaveLength(10)
      expect(found.filter(({ target }) => target.user === 'alice')).toHaveLength(290)
    })

    it('about each host where its settings may depend on more', async () => {
      await writeFile(inHome('config'), 'Match host node2.example.com\nUser alice\n')
      const config = configFor()
      for (const address of addresses.slice(0, 3)) await config.route(written(address))
      expect(await asked()).toEqual(addresses.slice(0, 3))
    })

    it('about each host whose name is made of its address', async () => {
      await writeFile(inHome('config'), 'Host node*\nHostName %h.internal\n')
      const config = configFor()
      const found = []
      for (const address of addresses.slice(0, 3))
        found.push((await config.route(written(address))).target.address)
      expect(found).toEqual(addresses.slice(0, 3).map(address => `${address}.internal`))
    })

    it('about each host where a file cannot be read, which may say anything', async () => {
      await mkdir(inHome('folder'))
      await writeFile(inHome('config'), `Include ${inHome('folder')}\n`)
      const config = configFor()
      for (const address of addresses.slice(0, 3)) await config.route(written(address))
      expect(await asked()).toEqual(addresses.slice(0, 3))
    })

    it('not at all where it says nothing that matters', async () => {
      await writeFile(inHome('config'), '# mine\nHost *\n  SendEnv LANG\n')
      await routes(configFor({ configFile: inHome('config') }))
      expect(await asked()).toEqual([])
    })
  })
})
