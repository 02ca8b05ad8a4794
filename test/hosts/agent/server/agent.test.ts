import { chmod, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { AgentClient } from '../../../../src/hosts/agent/client/agent-client.ts'
import type { AgentStatus } from '../../../../src/hosts/agent/protocol/calls.ts'
import { WINDOW_BYTES } from '../../../../src/hosts/agent/protocol/flow.ts'
import { runAgent } from '../../../../src/hosts/agent/server/agent.ts'
import { watch } from '../../../../src/hosts/agent/server/watched.ts'
import type { Host, StreamOptions } from '../../../../src/hosts/host.ts'
import { KnownHosts } from '../../../../src/hosts/known-hosts/known-hosts.ts'
import { command } from '../../../../src/remote/command.ts'
import { settingsFor, TestAgent } from '../../../support/belt-agent.ts'
import { Sink } from '../../../support/sink.ts'
import { hasSshd, newKeyPair, Sshd, until } from '../../../support/sshd.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const SILENT = { stdout: new Sink(), stderr: new Sink() }

describe.skipIf(!hasSshd)("Belt's agent", () => {
  let sshd: Sshd

  beforeEach(async () => {
    // a shell inside of another does not read the start-up files of the user who runs the tests
    sshd = await Sshd.start({ config: ['SetEnv SHLVL=9'] })
  })
  afterEach(() => sshd.stop())

  async function started(more: Parameters<typeof TestAgent.start>[1] = {}): Promise<TestAgent> {
    const agent = await TestAgent.start(sshd, more)
    onTestFinished(() => agent.dispose())
    return agent
  }

  async function newHost(agent: TestAgent, name = 'node1'): Promise<Host> {
    return (await agent.connect()).host(sshd.address(name))
  }

  function status(client: AgentClient): Promise<AgentStatus> {
    return client.ask<AgentStatus>({ what: 'status' })
  }

  it('lets one command after another use the same connection', async () => {
    const agent = await started()
    for (let run = 0; run < 3; run++) {
      const client = await agent.connect()
      expect(await client.host(sshd.address('node1')).run(command('true'))).toMatchObject({ code: 0 })
      client.close()
    }
    expect(sshd.logins).toBe(1)
  })

  it('tells what it keeps', async () => {
    const agent = await started()
    const client = await agent.connect()
    await Promise.all(['node1', 'node2'].map(name => client.host(sshd.address(name)).run(command('true'))))
    const told = await status(client)
    expect(told).toMatchObject({ pid: process.pid, running: 0 })
    expect([...told.hosts].sort()).toEqual(['node1', 'node2'])
  })

  it('serves many commands at once over one connection to it', async () => {
    const agent = await started()
    const client = await agent.connect()
    const names = Array.from({ length: 20 }, (_, index) => `node${index}`)
    const results = await Promise.all(
      names.map(name => client.host(sshd.address(name)).run({ argv: ['cat'], stdin: name })),
    )
    expect(results.map(({ stdout }) => stdout)).toEqual(names)
  })

  describe('with a session that waits for the next command', () => {
    async function ready(): Promise<{ agent: TestAgent; client: AgentClient; host: Host }> {
      const agent = await started()
      const client = await agent.connect()
      const host = client.host(sshd.address('node1'))
      await host.run(command('true'))
      await until(async () => (await status(client)).ready === 1, 'a session waits')
      return { agent, client, host }
    }

    it('runs it there, with its own input, output and exit code, and has another one ready afterwards', async () => {
      const { client, host } = await ready()
      const line = 'cat; echo aside >&2; exit 3'
      expect(await host.run({ shell: line, stdin: 'one\ntwo' })).toMatchObject({
        code: 3,
        stdout: 'one\ntwo',
        stderr: 'aside\n',
      })
      expect((await status(client)).ready).toBe(0)
      await until(async () => (await status(client)).ready === 1, 'another session waits')
      expect(await host.run(command('printf', '%s', "a 'b'\nc"))).toMatchObject({ stdout: "a 'b'\nc" })
    })

    it('passes signals to it', async () => {
      const { host } = await ready()
      const exit = await host.stream(command('sleep', '30'), SILENT, { onStart: send => send('INT') })
      expect(exit).toMatchObject({ code: 130 })
    })

    it('begins a session where the one that waited has ended', async () => {
      const { client, host } = await ready()
      const others =
        'for pid in $(pgrep -P $(ps -o ppid= -p $$)); do [ $pid = $$ ] || { kill $pid && echo ended; }; done'
      const long = `# ${'x'.repeat(5000)}\n${others}`
      expect((await host.run({ shell: long })).stdout).toBe('ended\n')
      expect(await host.run(command('echo', 'on'))).toMatchObject({ code: 0, stdout: 'on\n' })
      expect((await status(client)).running).toBe(0)
    })
  })

  it('does not let a command with unread output delay others', async () => {
    const agent = await started()
    const client = await agent.connect()
    const stuck = new Sink()
    stuck._write = () => {}
    const options = { signal: AbortSignal.timeout(15_000) }
    const flood = client
      .host(sshd.address('node1'))
      .stream(command('cat', '/dev/zero'), { stdout: stuck, stderr: new Sink() }, options)
    flood.catch(() => {})
    const host = client.host(sshd.address('node2'))
    for (let run = 0; run < 5; run++)
      expect(await host.run(command('echo', 'on'))).toMatchObject({ stdout: 'on\n' })
  })

  describe('with a command that ended, but with unread output', () => {
    /** Runs it until only its output is left. */
    async function ended(agent: TestAgent, options: StreamOptions) {
      const client = await agent.connect()
      const stuck = new Sink()
      stuck._write = () => {}
      const mark = join(sshd.folder, 'written')
      const line = `head -c ${WINDOW_BYTES + 1000} /dev/zero; touch ${mark}`
      const streams = { stdout: stuck, stderr: new Sink() }
      const running = client.host(sshd.address('node1')).stream({ shell: line }, streams, options)
      running.catch(() => {})
      const host = await newHost(agent)
      await until(async () => (await host.run(command('test', '-e', mark))).code === 0, 'all is written')
      return { running, client }
    }

    it('is done with it when the one that ran it is gone', async () => {
      const agent = await started()
      const { running, client } = await ended(agent, {})
      client.close()
      await expect(running).rejects.toMatchObject({ code: 'host-lost' })
      const other = await agent.connect()
      await until(async () => (await status(other)).running === 0, 'nothing runs any more')
    })

    it('is done with it when it is interrupted', async () => {
      const agent = await started()
      const stop = new AbortController()
      const { running } = await ended(agent, { signal: stop.signal })
      stop.abort()
      await expect(running).rejects.toMatchObject({ code: 'interrupted' })
      const other = await agent.connect()
      await until(async () => (await status(other)).running === 0, 'nothing runs any more')
    })
  })

  it('closes a connection that was unused for a while, and ends with the last one', async () => {
    const agent = await started({ idleMs: 300 })
    await (await newHost(agent)).run(command('true'))
    await agent.ended
    await expect(stat(agent.socketPath)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('stops when asked, after the running commands have ended', async () => {
    const agent = await started()
    const running = (await newHost(agent)).run(command('sh', '-c', 'sleep 1; echo done'))
    const client = await agent.connect()
    await until(async () => (await status(client)).running === 1, 'the command runs')
    await client.ask({ what: 'stop' })
    expect(await AgentClient.connect(agent.socketPath)).toBeUndefined()
    expect(await running).toMatchObject({ stdout: 'done\n' })
    await agent.ended
  })

  it('accepts no commands once it is ending, and lets the others run without it', async () => {
    const agent = await started()
    const client = await agent.connect()
    const host = client.host(sshd.address('node1'))
    const path = join(sshd.folder, 'go-on')
    const running = host.run({ shell: `until [ -e ${path} ]; do sleep 0.05; done; echo done` })
    const stopping = (await agent.connect()).ask({ what: 'stop' })
    await until(() => !client.isOpen, 'the command hears of it')
    await expect(host.run(command('true'))).rejects.toMatchObject({ code: 'agent-ending', exitCode: 3 })
    await writeFile(path, '')
    expect(await running).toMatchObject({ stdout: 'done\n' })
    await Promise.all([stopping, agent.ended])
  })

  it('ends commands that run when it is terminated, and says that their end is unknown', async () => {
    const agent = await started()
    const host = await newHost(agent)
    const running = host.stream(command('sleep', '30'), SILENT, { onStart: () => agent.terminate() })
    await expect(running).rejects.toMatchObject({
      code: 'host-lost',
      host: 'node1',
      hint: expect.stringContaining('may or may not have finished'),
    })
    await agent.ended
  })

  it.each([
    ['the config', 'config.yml', 'user_key'],
    ['the configured key', 'user_key', 'user_key'],
    ['a default key', 'home/.ssh/id_ecdsa', undefined],
  ])('ends when %s changes', { timeout: 30_000 }, async (_which, file, configured) => {
    const homeDirectory = join(sshd.folder, 'home')
    await mkdir(join(homeDirectory, '.ssh'), { recursive: true })
    const keys = { homeDirectory, privateKey: configured && join(sshd.folder, configured) }
    const agent = await started({ watched: await watch([join(sshd.folder, 'config.yml')], keys) })
    await writeFile(join(sshd.folder, file), 'another')
    await agent.ended
  })

  it('ends when its socket is removed', { timeout: 30_000 }, async () => {
    const agent = await started()
    await rm(agent.socketPath)
    await agent.ended
  })

  it('leaves the socket to the first agent, and takes over one that nobody answers on', async () => {
    const agent = await started()
    const second = runAgent(settingsFor(sshd, agent.socketPath), new AbortController().signal, () => {
      throw new Error('it started')
    })
    await second
    expect(await status(await agent.connect())).toMatchObject({ running: 0 })
    const folder = await temporaryFolder()
    const stale = join(folder, 'agent.sock')
    await leaveSocket(stale)
    const stop = new AbortController()
    await new Promise<void>((resolve, reject) => {
      runAgent(settingsFor(sshd, stale), stop.signal, resolve).catch(reject)
    })
    const client = await AgentClient.connect(stale)
    expect(client).toBeDefined()
    client?.close()
    stop.abort()
  })

  it('leaves alone the socket of another that took its place', async () => {
    const agent = await started()
    await rm(agent.socketPath)
    const stop = new AbortController()
    await new Promise<void>((resolve, reject) => {
      runAgent(settingsFor(sshd, agent.socketPath), stop.signal, resolve).catch(reject)
    })
    agent.terminate()
    await agent.ended
    expect(await AgentClient.connect(agent.socketPath)).toBeDefined()
    stop.abort()
  })

  it('is not spoken to through a socket, or a folder, that others can use', async () => {
    const agent = await started()
    await chmod(agent.socketPath, 0o666)
    await expect(AgentClient.connect(agent.socketPath)).rejects.toMatchObject({ code: 'unsafe-socket' })
    await chmod(agent.socketPath, 0o600)
    await chmod(join(agent.socketPath, '..'), 0o755)
    await expect(AgentClient.connect(agent.socketPath)).rejects.toMatchObject({ code: 'unsafe-socket' })
    await chmod(join(agent.socketPath, '..'), 0o700)
  })

  it('ends what runs for a command that is gone', async () => {
    const agent = await started()
    const client = await agent.connect()
    const mark = `30.${process.pid}`
    const running = client
      .host(sshd.address('node1'))
      .stream(command('sleep', mark), SILENT, { onStart: () => client.close() })
    await expect(running).rejects.toMatchObject({ code: 'host-lost' })
    const host = await newHost(agent)
    const isGone = async () => (await host.run(command('pgrep', '-fx', `sleep ${mark}`))).code === 1
    await until(isGone, 'the remote command ends')
  })

  describe('with a connection that died', () => {
    it('opens another one for the next command, if the host closed it', async () => {
      const agent = await started()
      const host = await newHost(agent)
      await host.run(command('true'))
      sshd.cutConnections()
      await until(async () => (await status(await agent.connect())).hosts.length === 0, 'the loss is seen')
      expect(await host.run(command('echo', 'again'))).toMatchObject({ stdout: 'again\n' })
      expect(sshd.logins).toBe(2)
    })

    it('opens another when the host answers nothing any more, without running the command twice', {
      timeout: 40_000,
    }, async () => {
      const agent = await started()
      const host = await newHost(agent)
      await host.run(command('true'))
      sshd.freezeConnections()
      await new Promise(resolve => setTimeout(resolve, 5_100)) // silent for so long that it is asked first
      const path = join(sshd.folder, 'ran')
      await host.run({ shell: `echo once >> ${path}` })
      const { stdout } = await host.run(command('cat', path))
      expect(stdout).toBe('once\n')
      expect(sshd.logins).toBe(2)
    })

    it('says of a command that ran that its end is unknown', async () => {
      const agent = await started()
      const host = await newHost(agent)
      const running = host.stream(command('sleep', '30'), SILENT, { onStart: () => sshd.cutConnections() })
      await expect(running).rejects.toMatchObject({
        code: 'host-lost',
        hint: expect.stringContaining('may or may not have finished'),
      })
    })
  })

  it('reconnects, and so checks the key again, after the known key of a host has changed', async () => {
    const agent = await started()
    const host = await newHost(agent)
    await host.run(command('true'))
    const knownHosts = new KnownHosts(join(sshd.folder, 'known_hosts'))
    await knownHosts.forget(['node1'])
    const [type = '', key = ''] = newKeyPair().publicKey.split(' ')
    await knownHosts.remember('node1', { type, key })
    await expect(host.run(command('true'))).rejects.toMatchObject({ code: 'host-host-key' })
  })
})

/** A socket as it is left by a process that was killed. */
async function leaveSocket(path: string): Promise<void> {
  const { execFileSync } = await import('node:child_process')
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  try {
    execFileSync(process.execPath, ['-e', script])
  } catch {
    // killed, as it should be
  }
  await chmod(path, 0o600)
}
