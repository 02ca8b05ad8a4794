import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromBytes } from '../../../src/domain/byte-text.ts'
import type { PtyRequest } from '../../../src/hosts/host.ts'
import type { SshHosts } from '../../../src/hosts/ssh/ssh-hosts.ts'
import { command } from '../../../src/remote/command.ts'
import { BASHRC_SAYS, hasShellUsers, type SHELL_USERS, ShellUsers } from '../../support/shell-users.ts'
import { Sink } from '../../support/sink.ts'
import { sshHostsFor } from '../../support/ssh-hosts.ts'
import { until } from '../../support/sshd.ts'

type User = keyof typeof SHELL_USERS

const SHELLS: readonly User[] = ['bash', 'dash', 'zsh', 'fish', 'tcsh']
const NOT_RUNNING: readonly User[] = ['leaving', 'forced', 'nologin']

const ARGUMENTS = [
  ...[
    'a!b',
    '!!',
    '!foo',
    'x\ny',
    'C:\\',
    '\\\\',
    '\\n',
    '\\0101',
    '',
    "it's",
    "'\\",
    "\\'",
    '$HOME',
    '*',
    '~',
  ],
  ...[
    '{a,b}',
    '%x ^a^b',
    '"q"',
    'a;b&c|d>e<f#g',
    '`id`',
    'one\ntwo\n\n\tthree\n',
    'größe 你好 🐳',
    '--help',
    'A=b',
  ],
  fromBytes(Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1))),
]

describe.skipIf(!hasShellUsers)('a login shell', () => {
  let users: ShellUsers
  let hosts: SshHosts
  beforeAll(async () => {
    users = await ShellUsers.start()
    hosts = sshHostsFor(users.sshd)
  })
  afterAll(async () => {
    hosts?.close()
    await users?.stop()
  })
  const hostOf = (user: User) => hosts.host(users.address(user))

  /** Opens a session that waits for the next command. */
  async function ready(user: User) {
    const host = hostOf(user)
    await host.run(command('true')).catch(() => {})
    await host.prepare()
    return host
  }

  describe.each(SHELLS)('%s', user => {
    it('hands each argument over byte for byte', async () => {
      const stdout = new Sink()
      const argv = ['printf', '<%s>', ...ARGUMENTS]
      await hostOf(user).stream({ argv }, { stdout, stderr: new Sink() })
      const expected = ARGUMENTS.map(argument =>
        Buffer.from([...Buffer.from('<'), ...bytesIn(argument), ...Buffer.from('>')]),
      )
      expect(stdout.bytes.toString('hex')).toBe(Buffer.concat(expected).toString('hex'))
    })

    it('passes on input, both outputs and the exit code', async () => {
      const argv = ['sh', '-c', 'cat; echo err >&2; exit 5']
      expect(await hostOf(user).run({ argv, stdin: 'in' })).toMatchObject({
        code: 5,
        stdout: 'in',
        stderr: 'err\n',
      })
    })

    it('runs a line with /bin/sh, also one of several lines', async () => {
      const shell = 'for i in 1 2; do\n  echo "$i $#"\ndone 2>/dev/null | tail -1'
      expect(await hostOf(user).run({ shell })).toMatchObject({ code: 0, stdout: '2 0\n' })
    })

    it('leaves no shell around the program, which gets the signals', async () => {
      const stdout = new Sink()
      const streaming = hostOf(user).stream(
        command(
          'sh',
          '-c',
          'trap "echo caught; exit 7" INT; ps -o pid= --ppid $PPID; echo ready; while :; do sleep 0.05; done',
        ),
        { stdout, stderr: new Sink() },
        {
          onStart: send => void until(() => stdout.text.includes('ready'), 'it runs').then(() => send('INT')),
        },
      )
      expect(await streaming).toEqual({ code: 7 })
      expect(stdout.text).toMatch(/^\s*\d+\nready\ncaught\n$/)
    })

    it('has its command ended at the deadline', async () => {
      const program = `300.${process.pid}`
      const run = hostOf(user).run(command('sleep', program), { timeoutMs: 1_000 })
      await expect(run).rejects.toMatchObject({ failure: 'timeout' })
      expect(await hostOf(user).run(command('pgrep', '-fx', `sleep ${program}`))).toMatchObject({ code: 1 })
    })

    it('takes files, and leaves nothing else', async () => {
      const host = hostOf(user)
      await host.upload('content', "it's a file!", 0o600)
      expect(await readFile(join(users.home(user), "it's a file!"), 'utf8')).toBe('content')
      expect(await readdir(users.home(user))).not.toContain('2')
    })

    it('takes a command in a session that waits for it', async () => {
      const host = await ready(user)
      expect(host.isReady).toBe(true)
      const argv = ['printf', '%s|', ...ARGUMENTS.slice(0, -1)]
      const { stdout } = await host.run({ argv })
      expect(stdout).toBe(`${ARGUMENTS.slice(0, -1).join('|')}|`)
    })
  })

  describe.each(['noisy', 'errnoisy'] as const)('%s', user => {
    it('adds nothing to the stdout of a command', async () => {
      const host = hostOf(user)
      expect(await host.run(command('echo', 'answer'))).toMatchObject({ code: 0, stdout: 'answer\n' })
    })

    it('adds nothing in a session that waited for the command', async () => {
      const host = await ready(user)
      expect(await host.run(command('echo', 'answer'))).toMatchObject({ code: 0, stdout: 'answer\n' })
    })

    it('shows its words on a terminal, and not the marker', async () => {
      const stdout = new Sink()
      const pty = terminal()
      await hostOf(user).stream(command('echo', 'answer'), { stdout, stderr: new Sink(), pty })
      expect(stdout.text).toBe(`${BASHRC_SAYS}\r\nanswer\r\n`)
    })
  })

  it('adds nothing to stdout, however much its rc file prints', async () => {
    const { stdout } = await hostOf('chatty').run(command('echo', 'answer'))
    expect(stdout).toBe('answer\n')
  })

  describe.each(NOT_RUNNING)('%s, which runs something else', user => {
    const didNotRun = {
      code: 'host-not-run',
      exitCode: 1,
      host: user,
      message: expect.stringMatching(
        new RegExp(
          `^${user} did not run the command: its login shell, an rc file or a forced command got in the way: .`,
        ),
      ),
      hint: expect.stringContaining(`${user}@127.0.0.1 echo ok`),
    }

    it('is an error, whatever its exit code', async () => {
      await expect(hostOf(user).run(command('true'))).rejects.toMatchObject(didNotRun)
      await expect(hostOf(user).run({ shell: 'true' })).rejects.toMatchObject(didNotRun)
    })

    it('is an error of a stream, also with input and on a terminal', async () => {
      const streams = () => ({ stdout: new Sink(), stderr: new Sink(), stdin: new PassThrough().end('data') })
      await expect(hostOf(user).stream(command('cat'), streams())).rejects.toMatchObject(didNotRun)
      const onTerminal = { ...streams(), pty: terminal() }
      await expect(hostOf(user).stream(command('true'), onTerminal)).rejects.toMatchObject(didNotRun)
    })

    it('takes no file', async () => {
      await expect(hostOf(user).upload('content', 'file', 0o600)).rejects.toMatchObject(didNotRun)
    })

    it('is an error of a request to the engine', async () => {
      const request = { engine: { method: 'GET', path: '/info' } } as const
      await expect(hostOf(user).run(request)).rejects.toMatchObject(didNotRun)
    })

    it('is an error where a session was to wait for the command', async () => {
      const host = await ready(user)
      await expect(host.run(command('true'))).rejects.toMatchObject(didNotRun)
    })
  })
})

function bytesIn(argument: string): Buffer {
  return argument === ARGUMENTS.at(-1)
    ? Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1))
    : Buffer.from(argument)
}

function terminal(): PtyRequest {
  return { term: 'xterm', columns: 80, rows: 24, onResize: () => () => {} }
}
