import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { HostAddress } from '../../../../src/hosts/host.ts'
import type { SshOptions } from '../../../../src/hosts/ssh/options.ts'
import { command } from '../../../../src/remote/command.ts'
import { Sink } from '../../../support/sink.ts'
import { sshHostsFor } from '../../../support/ssh-hosts.ts'
import { freePort, hasSshd, newKeyPair, Sshd, type SshdOptions, until } from '../../../support/sshd.ts'

const hello = command('echo', 'hello')

describe.skipIf(!hasSshd)('the system ssh', () => {
  async function started(options: SshdOptions = {}): Promise<Sshd> {
    const sshd = await Sshd.start(options)
    onTestFinished(() => sshd.stop())
    return sshd
  }

  function hostOf(sshd: Sshd, address: Partial<HostAddress> = {}, more: Partial<SshOptions> = {}) {
    const hosts = sshHostsFor(sshd, { client: 'openssh', configFile: 'none', ...more })
    onTestFinished(() => hosts.close())
    return hosts.host(sshd.address('node1', address))
  }

  const knownHosts = (sshd: Sshd) => join(sshd.folder, 'known_hosts')

  it('keeps the host key under the name of the machine, and one connection for all commands', async () => {
    const sshd = await started()
    const host = hostOf(sshd)
    await Promise.all([host.run(hello), host.run(hello), host.run(hello)])
    expect(sshd.logins).toBe(1)
    const [type, key] = sshd.hostKey.publicKey.split(' ')
    expect(await readFile(knownHosts(sshd), 'utf8')).toBe(`node1 ${type} ${key}\n`)
  })

  it('logs in with a certificate', async () => {
    const authority = newKeyPair()
    const sshd = await started()
    await writeFile(join(sshd.folder, 'authority'), authority.privateKey, { mode: 0o600 })
    await writeFile(`${sshd.privateKey}.pub`, sshd.publicKey)
    const words = ['-q', '-s', join(sshd.folder, 'authority'), '-I', 'me', '-n', userInfo().username]
    execFileSync('ssh-keygen', [...words, `${sshd.privateKey}.pub`])
    await writeFile(join(sshd.folder, 'authorized_keys'), `cert-authority ${authority.publicKey}\n`)
    expect(await hostOf(sshd).run(hello)).toMatchObject({ stdout: 'hello\n' })
  })

  it('checks the certificate of a host', async () => {
    const authority = newKeyPair()
    const sshd = await Sshd.prepare()
    onTestFinished(() => sshd.stop())
    await writeFile(join(sshd.folder, 'authority'), authority.privateKey, { mode: 0o600 })
    await writeFile(join(sshd.folder, 'host_key.pub'), sshd.hostKey.publicKey)
    const words = ['-q', '-s', join(sshd.folder, 'authority'), '-I', 'node1', '-h', '-n', 'node1']
    execFileSync('ssh-keygen', [...words, join(sshd.folder, 'host_key.pub')])
    const config = join(sshd.folder, 'sshd_config')
    await writeFile(
      config,
      `${await readFile(config, 'utf8')}HostCertificate ${sshd.folder}/host_key-cert.pub\n`,
    )
    await sshd.start()
    await writeFile(knownHosts(sshd), `@cert-authority * ${authority.publicKey}\n`)
    expect(await hostOf(sshd, {}, { hostKeyChecking: 'strict' }).run(hello)).toMatchObject({ code: 0 })
  })

  it('speaks algorithms that the SSH library has not', async () => {
    const sshd = await started({
      config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com', 'MACs umac-128-etm@openssh.com'],
    })
    expect(await hostOf(sshd).run(hello)).toMatchObject({ code: 0 })
  })

  it('runs a ProxyCommand of ssh_config', async () => {
    const sshd = await started()
    const configFile = join(sshd.folder, 'config')
    const relay = `const s = require('net').connect(${sshd.port}); process.stdin.pipe(s).pipe(process.stdout)`
    const lines = [
      'Host web',
      `ProxyCommand ${process.execPath} -e "${relay}"`,
      `User ${userInfo().username}`,
    ]
    await writeFile(configFile, `${lines.join('\n')}\n`)
    const address = { address: 'web', fromSshConfig: ['user', 'port'] as const }
    expect(await hostOf(sshd, address, { configFile }).run(hello)).toMatchObject({ code: 0 })
  })

  it('goes through the bastion, with the same known hosts', async () => {
    const [sshd, gate] = await Promise.all([started(), started()])
    await writeFile(join(gate.folder, 'authorized_keys'), `${sshd.publicKey}\n`)
    const bastion = { address: '127.0.0.1', port: gate.port, user: userInfo().username }
    expect(await hostOf(sshd, {}, { bastion }).run(hello)).toMatchObject({ code: 0 })
    expect(gate.logins).toBe(1)
    const names = (await readFile(knownHosts(sshd), 'utf8'))
      .trim()
      .split('\n')
      .map(line => line.split(' ')[0])
    expect(names.sort()).toEqual([`[127.0.0.1]:${gate.port}`, 'node1'])
  })

  it.each([
    ['refused', async () => ({ port: await freePort() })],
    ['unresolved', async () => ({ address: 'no-such-host.invalid' })],
    ['auth', async () => ({ user: 'no-such-user' })],
  ])('says why it cannot connect: %s', async (failure, address) => {
    const sshd = await started()
    await expect(hostOf(sshd, await address()).run(hello)).rejects.toMatchObject({
      failure,
      host: 'node1',
      message: expect.stringContaining('cannot reach node1'),
      hint: expect.stringContaining('ssh -v'),
    })
  })

  it.each([
    ['a changed', (key: string) => `node1 ${key}\n`, newKeyPair],
    ['a revoked', (key: string) => `@revoked * ${key}\n`, undefined],
  ])('refuses %s host key', async (_what, line, other) => {
    const sshd = await started()
    const { publicKey } = other?.() ?? sshd.hostKey
    await writeFile(knownHosts(sshd), line(publicKey.trim()))
    await expect(hostOf(sshd).run(hello)).rejects.toMatchObject({ failure: 'host-key' })
    expect(await readFile(knownHosts(sshd), 'utf8')).toBe(line(publicKey.trim()))
  })

  it('tells a program that ends with 255 from a connection that is lost', async () => {
    const sshd = await started()
    const host = hostOf(sshd)
    expect(await host.run(command('sh', '-c', 'exit 255'))).toMatchObject({ code: 255 })
    const streams = { stdout: new Sink(), stderr: new Sink() }
    const running = host.stream(command('sleep', '60'), streams, { onStart: () => sshd.cutConnections() })
    await expect(running).rejects.toMatchObject({ failure: 'lost', host: 'node1' })
    expect(await host.run(hello)).toMatchObject({ code: 0 })
  })

  it('gives a program a terminal of the right size', async () => {
    const sshd = await started()
    const stdout = new Sink()
    const pty = { term: 'xterm', columns: 91, rows: 17, onResize: () => () => {} }
    const exit = await hostOf(sshd).stream(command('sh', '-c', 'stty size; echo $TERM; exit 3'), {
      stdout,
      stderr: new Sink(),
      pty,
    })
    expect(exit.code).toBe(3)
    expect(stdout.text.replaceAll('\r', '')).toContain('17 91\nxterm\n')
  })

  it('leaves no process and no socket behind, also when Belt is killed', async () => {
    const sshd = await started()
    const runtime = join(sshd.folder, 'run')
    await mkdir(runtime)
    const script = new URL('../../../support/openssh-session.ts', import.meta.url).pathname
    const belt = spawn(
      process.execPath,
      ['--import', 'tsx', script, JSON.stringify({ folder: sshd.folder, address: sshd.address('node1') })],
      { env: { ...process.env, XDG_RUNTIME_DIR: runtime }, stdio: ['ignore', 'pipe', 'inherit'] },
    )
    await once(belt.stdout, 'data')
    expect((await stat(join(runtime, 'belt'))).mode & 0o777).toBe(0o700)
    expect(processesNaming(runtime)).toBeGreaterThan(0)
    belt.kill('SIGKILL')
    await until(() => processesNaming(runtime) === 0, 'all processes of ssh have ended', 20_000)
  })
})

/** How many processes have a text in their arguments. */
function processesNaming(text: string): number {
  const lines = execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' }).split('\n')
  return lines.filter(line => line.includes(text)).length
}
