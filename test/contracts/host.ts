import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HostError } from '../../src/hosts/errors.ts'
import type { Host } from '../../src/hosts/host.ts'
import { command } from '../../src/remote/command.ts'
import { Sink } from '../support/sink.ts'

/** Hosts on which `printf`, `cat`, `sleep` and `sh` do what they do everywhere. */
export interface HostUnderTest {
  readonly host: Host
  /** A host that does not answer. */
  readonly deadHost: Host
  /** A host that answers, and runs something else instead of every command, with success. */
  readonly otherHost: Host
  /** A host whose user is not root and may become it; undefined where there can be no such user. */
  readonly sudoHost?: Host
  /** A host whose user is not root and may not become it. */
  readonly deniedHost?: Host
  /** A folder on the host that may be written to. */
  readonly folder: string
  /** A file of the host, and the bits of its mode. */
  readFile(path: string): Promise<{ content: string; mode: number }>
  dispose(): Promise<void>
}

/** What every adapter of the port promises. */
export function hostContract(adapter: string, setUp: () => Promise<HostUnderTest>): void {
  describe(`${adapter} as a host`, () => {
    let under: HostUnderTest
    let host: Host
    beforeAll(async () => {
      under = await setUp()
      host = under.host
    })
    afterAll(() => under?.dispose())

    describe('runs a command', () => {
      it('and keeps both outputs apart, with the exit code', async () => {
        const result = await host.run(command('sh', '-c', 'echo out; echo err >&2; exit 3'))
        expect(result).toMatchObject({ code: 3, stdout: 'out\n', stderr: 'err\n', truncated: false })
        expect(result.durationMs).toBeGreaterThanOrEqual(0)
      })

      it('and hands it its standard input', async () => {
        const { stdout } = await host.run({ argv: ['cat'], stdin: 'naïve\n' })
        expect(stdout).toBe('naïve\n')
      })

      it('and gives it an empty standard input otherwise', async () => {
        expect(await host.run(command('cat'))).toMatchObject({ code: 0, stdout: '' })
      })

      it('and resolves with 127 when there is no such program', async () => {
        expect(await host.run(command('no-such-program', '--flag'))).toMatchObject({ code: 127 })
      })

      it('and says so when it keeps only a part of the output', async () => {
        const result = await host.run(command('printf', '%s', '123456789'), { maxOutputBytes: 4 })
        expect(result).toMatchObject({ code: 0, stdout: '1234', truncated: true })
      })

      it('and rejects when the deadline passes', async () => {
        const run = host.run(command('sleep', '30'), { timeoutMs: 300 })
        await expect(run).rejects.toMatchObject({ code: 'host-timeout', host: host.name })
      })

      it('and rejects when aborted', async () => {
        const run = host.run(command('sleep', '30'), { signal: AbortSignal.timeout(300) })
        await expect(run).rejects.toMatchObject({ code: 'interrupted', exitCode: 130, host: host.name })
      })

      it('and does not start it when aborted before', async () => {
        const run = host.run(command('cat'), { signal: AbortSignal.abort() })
        await expect(run).rejects.toMatchObject({ code: 'interrupted' })
      })
    })

    describe('streams a command', () => {
      it('between live streams, and leaves the outputs open', async () => {
        const stdout = new Sink()
        const stderr = new Sink()
        const exit = await host.stream(command('sh', '-c', 'echo out; echo err >&2; exit 3'), {
          stdout,
          stderr,
        })
        expect(exit).toEqual({ code: 3 })
        expect([stdout.text, stderr.text]).toEqual(['out\n', 'err\n'])
        expect([stdout.writableEnded, stderr.writableEnded]).toEqual([false, false])
      })

      it('with the bytes of its standard input, and their end', async () => {
        const stdout = new Sink()
        const stdin = Readable.from([Buffer.from('one '), Buffer.from('two')])
        const exit = await host.stream(command('cat'), { stdin, stdout, stderr: new Sink() })
        expect(exit.code).toBe(0)
        expect(stdout.text).toBe('one two')
      })

      it('and sends it a signal', async () => {
        const exit = await host.stream(
          command('sleep', '30'),
          { stdout: new Sink(), stderr: new Sink() },
          { onStart: sendSignal => sendSignal('INT') },
        )
        expect(exit.code).toBe(130)
      })

      it('and rejects when aborted', async () => {
        const streaming = host.stream(
          command('sleep', '30'),
          { stdout: new Sink(), stderr: new Sink() },
          { signal: AbortSignal.timeout(300) },
        )
        await expect(streaming).rejects.toMatchObject({ code: 'interrupted', host: host.name })
      })
    })

    describe('uploads a file', () => {
      it('with its mode, over what was there', async () => {
        const path = `${under.folder}/a file`
        await host.upload('first, and longer', path, 0o600)
        await host.upload(Buffer.from('sécond'), path, 0o644)
        expect(await under.readFile(path)).toEqual({ content: 'sécond', mode: 0o644 })
      })
    })

    describe('whose user is not root', () => {
      it('runs what needs root as root, and the rest as that user', async context => {
        if (!under.sudoHost) return context.skip()
        await under.sudoHost.assertMay('root')
        const asRoot = await under.sudoHost.run({ shell: 'id -u; cat', needs: 'root', stdin: 'input\n' })
        expect(asRoot).toMatchObject({ code: 0, stdout: '0\ninput\n' })
        expect((await under.sudoHost.run(command('id', '-u'))).stdout).not.toBe('0\n')
      })

      it('runs nothing that it may not, and says why', async context => {
        const { deniedHost } = under
        if (!deniedHost) return context.skip()
        const refusal = {
          code: 'root-denied',
          exitCode: 3,
          host: deniedHost.name,
          message: denial(deniedHost),
        }
        const streams = { stdout: new Sink(), stderr: new Sink() }
        const path = `${under.folder}/never`
        await expect(deniedHost.assertMay('root')).rejects.toMatchObject(refusal)
        await expect(deniedHost.run({ argv: ['touch', path], needs: 'root' })).rejects.toMatchObject(refusal)
        await expect(deniedHost.stream({ shell: 'id', needs: 'root' }, streams)).rejects.toMatchObject(
          refusal,
        )
        await expect(deniedHost.upload('x', path, 0o600, { needs: 'root' })).rejects.toMatchObject(refusal)
        expect(await deniedHost.run(command('true'))).toMatchObject({ code: 0 })
      })
    })

    describe('that does not answer', () => {
      it('rejects with its name and what to do next', async () => {
        const error = await under.deadHost.run(command('cat')).catch((reason: unknown) => reason)
        expect(error).toBeInstanceOf(HostError)
        expect(error).toMatchObject({ host: under.deadHost.name, hint: expect.any(String) })
      })

      it('does so for streams and uploads', async () => {
        const streams = { stdout: new Sink(), stderr: new Sink() }
        await expect(under.deadHost.stream(command('cat'), streams)).rejects.toBeInstanceOf(HostError)
        await expect(under.deadHost.upload('x', '/tmp/x', 0o600)).rejects.toBeInstanceOf(HostError)
      })
    })

    describe('that runs something else', () => {
      const notRun = { code: 'host-not-run', failure: 'not-run', exitCode: 1, hint: expect.any(String) }

      it('rejects: a command that never ran is an error, whatever the exit code', async () => {
        const { otherHost } = under
        await expect(otherHost.run(command('cat'))).rejects.toMatchObject({ ...notRun, host: otherHost.name })
        // What ran a moment ago may have left a session for the next command.
        await expect(otherHost.run(command('cat'))).rejects.toMatchObject(notRun)
      })

      it('does so for streams and uploads', async () => {
        const streams = () => ({ stdout: new Sink(), stderr: new Sink() })
        await expect(under.otherHost.stream(command('cat'), streams())).rejects.toMatchObject(notRun)
        const stdin = Readable.from([Buffer.from('data')])
        await expect(under.otherHost.stream(command('cat'), { ...streams(), stdin })).rejects.toMatchObject(
          notRun,
        )
        await expect(under.otherHost.upload('x', '/tmp/x', 0o600)).rejects.toMatchObject(notRun)
      })
    })

    describe('closed', () => {
      it('rejects what runs, and may be closed again', async () => {
        const running = host.stream(
          command('sleep', '30'),
          { stdout: new Sink(), stderr: new Sink() },
          { onStart: () => host.close() },
        )
        await expect(running).rejects.toMatchObject({ code: 'host-closed', host: host.name })
        host.close()
      })
    })
  })
}

function denial({ name }: Host): unknown {
  return expect.stringMatching(
    new RegExp(`^\\S+@${name} may not become root \\(sudo -n\\): log in as root, or allow it$`),
  )
}
