import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Host, PtyRequest } from '../../../src/hosts/host.ts'
import type { SshHosts } from '../../../src/hosts/ssh/ssh-hosts.ts'
import { command } from '../../../src/remote/command.ts'
import { Sink } from '../../support/sink.ts'
import { sshHostsFor } from '../../support/ssh-hosts.ts'
import { hasSshd, Sshd, until } from '../../support/sshd.ts'

type SendSignal = (name: 'INT' | 'TERM' | 'KILL') => void

describe.skipIf(!hasSshd)('a session', () => {
  let sshd: Sshd
  let hosts: SshHosts
  let host: Host
  beforeAll(async () => {
    sshd = await Sshd.start({ config: ['MaxSessions 4'] })
  })
  afterAll(() => sshd?.stop())
  beforeEach(() => {
    hosts = sshHostsFor(sshd)
    host = hosts.host(sshd.address('node1'))
  })
  afterEach(() => hosts.close())

  it('passes on 10 MB unchanged, in both directions at once', async () => {
    const content = randomBytes(10 * 1024 * 1024)
    const stdout = new Sink()
    const streams = { stdin: Readable.from(chunksOf(content)), stdout, stderr: new Sink() }
    const exit = await host.stream(command('cat'), streams)
    expect(exit).toEqual({ code: 0 })
    expect(digest(stdout.bytes)).toBe(digest(content))
  })

  it('keeps binary output apart from binary standard error', async () => {
    const content = randomBytes(200_000)
    await host.upload(content, join(sshd.folder, 'blob'), 0o600)
    const [stdout, stderr] = [new Sink(), new Sink()]
    const line = `cat ${sshd.folder}/blob; cat ${sshd.folder}/blob ${sshd.folder}/blob >&2`
    await host.stream({ shell: line }, { stdout, stderr })
    expect(stdout.bytes.equals(content)).toBe(true)
    expect(stderr.bytes.equals(Buffer.concat([content, content]))).toBe(true)
  })

  it('applies backpressure while the output is not read', async () => {
    const slow = new SlowSink()
    const streaming = host.stream(command('head', '-c', '20000000', '/dev/zero'), {
      stdout: slow,
      stderr: new Sink(),
    })
    await until(() => slow.waiting !== undefined, 'the first bytes are there')
    await host.run(command('true'))
    expect(slow.bytes).toBeLessThan(5_000_000)
    slow.flow()
    await streaming
    expect(slow.bytes).toBe(20_000_000)
  })

  it('does not wait for standard input if the command ends first', async () => {
    const stdin = new PassThrough()
    const exit = await host.stream(command('true'), { stdin, stdout: new Sink(), stderr: new Sink() })
    expect(exit).toEqual({ code: 0 })
    expect(stdin.listenerCount('data')).toBe(0)
    expect(stdin.isPaused()).toBe(true)
  })

  it('reports the signal that ended the command', async () => {
    expect(await host.run(command('sh', '-c', 'kill -KILL $$'))).toMatchObject({ code: 137, signal: 'KILL' })
  })

  it('passes on standard error, but not the announced process id', async () => {
    const { stderr } = await host.run({ shell: 'echo one >&2; printf two >&2' })
    expect(stderr).toBe('one\ntwo')
  })

  it('sends INT to the whole process group', async () => {
    const stdout = new Sink()
    let send: SendSignal | undefined
    const script = 'sleep 30; echo not reached'
    const streaming = host.stream(
      { argv: ['sh', '-c', `trap 'echo caught; exit 7' INT; echo ready; sh -c '${script}'; wait`] },
      { stdout, stderr: new Sink() },
      {
        onStart(sendSignal) {
          send = sendSignal
        },
      },
    )
    await until(() => stdout.text.includes('ready'), 'the trap is set')
    send?.('INT')
    expect(await streaming).toEqual({ code: 7 })
    expect(stdout.text).toBe('ready\ncaught\n')
  })

  it('sends no signal to a command that has ended, because another process may have its id', async () => {
    const [lines, pidFile] = [join(sshd.folder, 'lines'), join(sshd.folder, 'pid of head')]
    const config = [`ForceCommand echo "$SSH_ORIGINAL_COMMAND" >> ${lines}; eval "$SSH_ORIGINAL_COMMAND"`]
    const noting = await Sshd.start({ config })
    const near = sshHostsFor(noting)
    try {
      const node = near.host(noting.address('node1'))
      let send: SendSignal | undefined
      const stdout = new SlowSink()
      const streaming = node.stream(
        { shell: `echo $$ > '${pidFile}'; exec head -c 100000 /dev/zero` },
        { stdout, stderr: new Sink() },
        {
          onStart(sendSignal) {
            send = sendSignal
          },
        },
      )
      await until(() => stdout.waiting !== undefined, 'the output is not taken')
      const pid = Number(await readFile(pidFile, 'utf8'))
      await until(() => !isHere(pid), 'it has ended')
      // what this one answers comes behind the end of the first
      await node.run(command('true'))
      send?.('INT')
      stdout.flow()
      await streaming
      send?.('INT')
      await node.run(command('echo', 'last'))
      expect(await readFile(lines, 'utf8')).toMatch(/echo last'\n$/)
      expect(await readFile(lines, 'utf8')).not.toContain('kill')
    } finally {
      near.close()
      await noting.stop()
    }
  })

  it('ends the remote process when aborted', async () => {
    const stdout = new Sink()
    const stop = new AbortController()
    const streaming = host.stream(
      { argv: ['sh', '-c', 'echo $$; exec sleep 300'] },
      { stdout, stderr: new Sink() },
      { signal: stop.signal },
    )
    await until(() => stdout.text.includes('\n'), 'the process has told its id')
    stop.abort()
    await expect(streaming).rejects.toMatchObject({ code: 'interrupted' })
    expect(await isRunning(stdout.text)).toBe(false)
  })

  describe('interrupted before its process id is known', () => {
    const program = `sleep 300.${process.pid}`
    let noting: Sshd
    let node: ReturnType<SshHosts['host']>

    beforeEach(async () => {
      const lines = join(sshd.folder, 'early lines')
      await writeFile(lines, '')
      // every session takes a while to begin
      const run = `echo "$SSH_ORIGINAL_COMMAND" >> '${lines}'; sleep 0.3; eval "$SSH_ORIGINAL_COMMAND"`
      noting = await Sshd.start({ config: [`ForceCommand ${run}`] })
      const near = sshHostsFor(noting)
      onTestFinished(async () => {
        near.close()
        await noting.stop()
      })
      node = near.host(noting.address('node1'))
      await node.run(command('true'))
    })

    function interrupted(): { running: Promise<unknown>; stop: AbortController } {
      const stop = new AbortController()
      const running = node.run({ shell: `exec ${program}` }, { signal: stop.signal })
      running.catch(() => {})
      return { running, stop }
    }

    async function expectEnd(running: Promise<unknown>): Promise<void> {
      await expect(running).rejects.toMatchObject({ code: 'interrupted' })
      expect(await readFile(join(sshd.folder, 'early lines'), 'utf8')).toContain('kill -s TERM')
      expect(await host.run(command('pgrep', '-fx', program))).toMatchObject({ code: 1 })
    }

    it('ends the command once it starts, in the ready session', async () => {
      await node.prepare()
      expect(node.isReady).toBe(true)
      const { running, stop } = interrupted()
      await until(() => !node.isReady, 'the command is handed over')
      stop.abort()
      await expectEnd(running)
    })

    it('ends the command once it starts, in a session that was only requested', async () => {
      noting.freezeConnections()
      const { running, stop } = interrupted()
      await new Promise(resolve => setImmediate(resolve))
      stop.abort()
      noting.thawConnections()
      await expectEnd(running)
    })

    it('waits at most 2 s for a host that does not answer', async () => {
      noting.freezeConnections()
      const { running, stop } = interrupted()
      await new Promise(resolve => setImmediate(resolve))
      const start = performance.now()
      stop.abort()
      await expect(running).rejects.toMatchObject({ code: 'interrupted' })
      expect(performance.now() - start).toBeLessThan(3_500)
    })
  })

  it('ends the remote process when the deadline passes, and keeps the connection', async () => {
    const pidFile = join(sshd.folder, 'pid of sleep')
    const run = host.run({ shell: `echo $$ > '${pidFile}'; exec sleep 300` }, { timeoutMs: 1_000 })
    await expect(run).rejects.toMatchObject({
      failure: 'timeout',
      message: expect.stringMatching(/^node1 did not finish within 1 s: echo/),
    })
    expect(await isRunning(await readFile(pidFile, 'utf8'))).toBe(false)
    expect(await host.run(command('true'))).toMatchObject({ code: 0 })
  })

  it('is given up at its deadline where the host sends a process id without end', async () => {
    const endless = `word=\${SSH_ORIGINAL_COMMAND#*echo }; printf '%s ' "\${word%% *}" >&2; exec tr '\\0' 1 </dev/zero >&2`
    const flooding = await Sshd.start({ config: [`ForceCommand ${endless}`] })
    const near = sshHostsFor(flooding)
    try {
      const start = performance.now()
      const run = near.host(flooding.address('node1')).run(command('true'), { timeoutMs: 2_000 })
      await expect(run).rejects.toMatchObject({ failure: 'timeout' })
      // The deadline, and twice the time that a stopped command may take to end.
      expect(performance.now() - start).toBeLessThan(6_000)
    } finally {
      near.close()
      await flooding.stop()
    }
  })

  it('ends the remote process when its output stream breaks', async () => {
    const broken = new Writable({ write: (_chunk, _encoding, callback) => callback(new Error('EPIPE')) })
    const streaming = host.stream(command('yes'), { stdout: broken, stderr: new Sink() })
    await expect(streaming).rejects.toMatchObject({ code: 'output-closed' })
  })

  it('truncates output at the limit, and says so', async () => {
    const flood = command('head', '-c', '50000000', '/dev/zero')
    const result = await host.run(flood, { maxOutputBytes: 1_000 })
    expect(result).toMatchObject({ code: 0, truncated: true })
    expect(result.stdout).toHaveLength(1_000)
  })

  it('waits while the host allows no more sessions', async () => {
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, index) => host.run(command('echo', String(index)))),
    )
    expect(results.map(({ stdout }) => stdout.trim())).toEqual(results.map((_, index) => String(index)))
  })

  it('frees its session when aborted on a terminal while its output continues', async () => {
    const stop = new AbortController()
    const outputs = Array.from({ length: 4 }, () => new Sink())
    const flooding = outputs.map(stdout =>
      host.stream(
        command('yes'),
        { stdout, stderr: new Sink(), pty: new FakeTerminal(80, 24) },
        { signal: stop.signal },
      ),
    )
    await until(() => outputs.every(({ bytes }) => bytes.length > 0), 'all of them print')
    stop.abort()
    await Promise.allSettled(flooding)
    const after = Array.from({ length: 8 }, () => host.run(command('true'), { timeoutMs: 10_000 }))
    expect((await Promise.all(after)).map(({ code }) => code)).toEqual(Array(8).fill(0))
  })

  it('gives up waiting for a session at the deadline, and then does not run', async () => {
    const marker = join(sshd.folder, 'ran')
    const stop = new AbortController()
    const started = Array.from({ length: 4 }, () => new Sink())
    const blocking = started.map(stdout =>
      host.stream(
        { argv: ['sh', '-c', 'echo ready; exec sleep 5'] },
        { stdout, stderr: new Sink() },
        { signal: stop.signal },
      ),
    )
    await until(() => started.every(({ text }) => text === 'ready\n'), 'all sessions are taken')
    const late = host.run(command('touch', marker), { timeoutMs: 300 })
    await expect(late).rejects.toMatchObject({ failure: 'timeout' })
    stop.abort()
    await Promise.allSettled(blocking)
    await expect(readFile(marker)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('reports a connection that breaks while the command runs', async () => {
    const stdout = new Sink()
    const streaming = host.stream(
      { argv: ['sh', '-c', 'echo ready; sleep 3'] },
      { stdout, stderr: new Sink() },
    )
    await until(() => stdout.text === 'ready\n', 'the command runs')
    sshd.cutConnections()
    await expect(streaming).rejects.toMatchObject({
      failure: 'lost',
      host: 'node1',
      message: expect.stringContaining('lost the connection to node1'),
      hint: expect.stringContaining('may or may not have finished'),
    })
  })

  it('reports a connection that falls silent', async () => {
    const keepaliveMs = 100
    const silent = sshHostsFor(sshd, { keepaliveMs })
    try {
      const node = silent.host(sshd.address('node1'))
      await node.run(command('true'))
      const running = node.run(command('sleep', '3'))
      sshd.freezeConnections()
      await expect(running).rejects.toMatchObject({
        failure: 'lost',
        message: 'lost the connection to node1: it answered no keepalive for 0.4 s',
      })
    } finally {
      silent.close()
    }
  })

  it('reconnects for the next command after the connection broke', async () => {
    await host.run(command('true'))
    sshd.cutConnections()
    await until(
      () =>
        host.run(command('true')).then(
          () => true,
          () => false,
        ),
      'the host answers again',
    )
  })

  describe('on a terminal', () => {
    it('has the local size, and follows its changes', async () => {
      const stdout = new Sink()
      const terminal = new FakeTerminal(100, 30)
      const script = 'trap "stty size; exit 0" WINCH; stty size; while :; do sleep 0.05; done'
      const streaming = host.stream(
        { argv: ['sh', '-c', script] },
        { stdin: new PassThrough(), stdout, stderr: new Sink(), pty: terminal },
      )
      await until(() => stdout.text.includes('30 100'), 'the first size')
      terminal.resize(120, 40)
      expect(await streaming).toEqual({ code: 0 })
      expect(stdout.text).toBe('30 100\r\n40 120\r\n')
      expect(terminal.listeners).toBe(0)
    })

    it('receives Ctrl-C from the keyboard as a byte', async () => {
      const [stdin, stdout] = [new PassThrough(), new Sink()]
      const streaming = host.stream(
        { argv: ['sh', '-c', 'trap "exit 9" INT; echo ready; while :; do sleep 0.05; done'] },
        { stdin, stdout, stderr: new Sink(), pty: new FakeTerminal(80, 24) },
      )
      await until(() => stdout.text.includes('ready'), 'the trap is set')
      stdin.write('\x03')
      expect(await streaming).toEqual({ code: 9 })
    })

    it('runs a login shell that reads the input', async () => {
      const [stdin, stdout] = [new PassThrough(), new Sink()]
      stdin.write('tty >/dev/null && exit 5\n')
      const exit = await host.shell({ stdin, stdout, stderr: new Sink(), pty: new FakeTerminal(80, 24) })
      expect(exit).toEqual({ code: 5 })
    })

    it('is hung up when aborted, which ends the programs on it', async () => {
      const stdout = new Sink()
      const stop = new AbortController()
      const streaming = host.stream(
        { argv: ['sh', '-c', 'echo $$; exec sleep 300'] },
        { stdout, stderr: new Sink(), pty: new FakeTerminal(80, 24) },
        { signal: stop.signal },
      )
      await until(() => stdout.text.includes('\n'), 'the process has told its id')
      stop.abort()
      await expect(streaming).rejects.toMatchObject({ code: 'interrupted' })
      await until(async () => !(await isRunning(stdout.text)), 'the process is gone')
    })
  })

  async function isRunning(pid: string): Promise<boolean> {
    return (await host.run(command('kill', '-0', pid.trim()))).code === 0
  }
})

/** Whether there is a process of that id on this machine. */
function isHere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += 65_536) yield bytes.subarray(start, start + 65_536)
}

/** Takes one chunk, and the rest when the test allows it. */
class SlowSink extends Writable {
  bytes = 0
  waiting: (() => void) | undefined
  #flowing = false

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.bytes += chunk.length
    if (this.#flowing) callback()
    else this.waiting = callback
  }

  flow(): void {
    this.#flowing = true
    this.waiting?.()
  }
}

class FakeTerminal implements PtyRequest {
  readonly term = 'xterm'
  readonly columns: number
  readonly rows: number
  readonly #callbacks = new Set<(columns: number, rows: number) => void>()

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
  }

  get listeners(): number {
    return this.#callbacks.size
  }

  onResize(callback: (columns: number, rows: number) => void): () => void {
    this.#callbacks.add(callback)
    return () => this.#callbacks.delete(callback)
  }

  resize(columns: number, rows: number): void {
    for (const callback of this.#callbacks) callback(columns, rows)
  }
}
