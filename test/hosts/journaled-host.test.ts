import { describe, expect, it } from 'vitest'
import { precheckError } from '../../src/errors.ts'
import { HostError, type HostFailure, interrupted } from '../../src/hosts/errors.ts'
import { recordedHost } from '../../src/hosts/journaled-host.ts'
import { command, reading } from '../../src/remote/command.ts'
import { engineRequest } from '../../src/remote/engine.ts'
import { joinCommand } from '../../src/remote/swarm.ts'
import { FakeHost, type Reply } from '../support/fake-host.ts'
import { FakeRecorder } from '../support/fake-recorder.ts'
import { Sink } from '../support/sink.ts'

function recorded(reply: Reply = {}) {
  const fake = new FakeHost('mg0', () => reply)
  const recorder = new FakeRecorder()
  return { fake, recorder, host: recordedHost(fake, recorder) }
}

const drain = command('docker', 'node', 'update', '--availability', 'drain', 'n1')

describe('a recorded host', () => {
  it('tells of a command before it is sent, and how it ended', async () => {
    const seen: number[] = []
    const recorder = new FakeRecorder()
    const fake = new FakeHost('mg0', () => {
      seen.push(recorder.acts.length)
      return { stdout: 'n1\n' }
    })
    await recordedHost(fake, recorder).run(drain)
    expect(seen).toEqual([1])
    expect(recorder.acts).toEqual([
      {
        act: {
          host: 'mg0',
          what: 'Run a command',
          command: 'docker node update --availability drain n1',
          journaled: true,
        },
        ending: { result: 'ok', exitCode: 0, output: { stdout: 'n1\n', stderr: '' } },
      },
    ])
  })

  it('gives the answer of the host', async () => {
    expect(await recorded({ code: 3, stdout: 'out' }).host.run(drain)).toMatchObject({
      code: 3,
      stdout: 'out',
    })
  })

  it('tells reads from changes', async () => {
    const { host, recorder } = recorded()
    await host.run(reading('true'))
    await host.run(engineRequest('GET', '/services'))
    await host.run(engineRequest('POST', '/swarm/leave', {}))
    expect(recorder.acts.map(({ act }) => act.journaled)).toEqual([false, false, true])
  })

  it('knows a failure by the exit code, with the words of the command', async () => {
    const { host, recorder } = recorded({ code: 1, stderr: 'Error: no such node' })
    await host.run(drain)
    expect(recorder.acts[0]?.ending).toMatchObject({
      result: 'failed',
      exitCode: 1,
      error: 'Error: no such node',
    })
  })

  it.each([
    ['HTTP/1.0 200 OK\r\n\r\n', { result: 'ok' }],
    ['HTTP/1.0 503 No\r\n\r\n{"message":"timeout"}', { result: 'failed', error: 'timeout' }],
    ['', { result: 'failed', error: 'the engine gave no answer' }],
  ])('knows a refused request though the exit code is 0: %j', async (stdout, ending) => {
    const { host, recorder } = recorded({ stdout })
    await host.run(joinCommand({ token: 'SWMTKN-1-secret', managers: ['10.0.0.1:2377'] }))
    expect(recorder.acts[0]?.act.command).toBe('docker system dial-stdio # POST /swarm/join')
    expect(recorder.acts[0]?.ending).toMatchObject(ending)
  })

  it.each<[HostFailure, string]>([
    ['unreachable', 'failed'],
    ['refused', 'failed'],
    ['auth', 'failed'],
    ['host-key', 'failed'],
    ['lost', 'unknown'],
    ['timeout', 'unknown'],
    ['closed', 'unknown'],
  ])('calls a command that ended with %s %s', async (failure, result) => {
    const { fake, host, recorder } = recorded()
    fake.down = new HostError(failure, 'mg0', 'no answer')
    await expect(host.run(drain)).rejects.toBe(fake.down)
    expect(recorder.acts[0]?.ending).toEqual({ result, error: 'no answer' })
  })

  it.each([
    [interrupted('mg0'), 'unknown'],
    [precheckError('bad-key', 'the key cannot be used'), 'failed'],
  ])('does not guess what an interruption left: %s', async (error, result) => {
    const recorder = new FakeRecorder()
    const fake = new FakeHost('mg0', () => Promise.reject(error))
    await expect(recordedHost(fake, recorder).run(drain)).rejects.toBe(error)
    expect(recorder.acts[0]?.ending?.result).toBe(result)
  })

  it('tells of streamed commands and shells, without what passes through', async () => {
    const { host, recorder } = recorded({ code: 7, stdout: 'secret output' })
    const [stdout, stderr] = [new Sink(), new Sink()]
    await host.stream(command('docker', 'login', '--password', 'a b'), { stdout, stderr })
    const pty = { term: 'xterm', columns: 80, rows: 24, onResize: () => () => {} }
    await host.shell({ stdout, stderr, pty })
    expect(recorder.acts).toEqual([
      {
        act: {
          host: 'mg0',
          what: 'Run a command',
          command: "docker login --password '********'",
          journaled: true,
        },
        ending: { result: 'failed', exitCode: 7, error: '' },
      },
      {
        act: { host: 'mg0', what: 'Open a shell', command: 'a login shell', journaled: true },
        ending: { result: 'failed', exitCode: 7, error: '' },
      },
    ])
  })

  it('tells of files that are written', async () => {
    const { host, fake, recorder } = recorded()
    await host.upload('content', '/etc/sysctl.d/90-belt.conf', 0o644)
    expect(fake.files.has('/etc/sysctl.d/90-belt.conf')).toBe(true)
    expect(recorder.acts).toEqual([
      {
        act: {
          host: 'mg0',
          what: 'Write 90-belt.conf',
          command: 'upload /etc/sysctl.d/90-belt.conf, mode 644',
          journaled: true,
        },
        ending: { result: 'ok' },
      },
    ])
  })
})
