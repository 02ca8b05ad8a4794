import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { connectionFingerprint } from '../../src/config/connection-fingerprint.ts'
import { driverNames } from '../../src/drivers/registry.ts'
import { type FrontCall, PROTOCOL } from '../../src/hosts/agent/protocol/calls.ts'
import { dataOf } from '../../src/hosts/agent/protocol/error-data.ts'
import { type Frame, Kind, pack, unpack } from '../../src/hosts/agent/protocol/frames.ts'
import type { Wire } from '../../src/hosts/agent/protocol/wire.ts'
import { HostError } from '../../src/hosts/errors.ts'
import { packageVersion } from '../../src/package-files.ts'
import { FrontStage } from '../support/front-stage.ts'
import { listeningAgent } from '../support/scripted-agent.ts'
import { until } from '../support/sshd.ts'

const AWKWARD = [
  'a b',
  "it's",
  '"',
  '\\',
  '$HOME',
  '*',
  '',
  'a\nb\t',
  'ü€🐳',
  '--json',
  '--',
  '\u0001',
  '{{.}}',
]
/** What stands for Node says this of `docker ps`, and passes its input on. */
const BY_NODE = { stdout: 'node<docker><ps>input', stderr: '', code: 0 }

let stage: FrontStage

beforeEach(async () => {
  stage = await FrontStage.make()
})

describe('belt docker over a connection that is kept', () => {
  beforeEach(() => stage.docker('echo "by agent:" "$@"'))

  it.each([[[]], [['--host', 'node1']], [['--host=node1']]])('runs without Node behind %j', async flags => {
    await stage.agent()
    const { stdout, code } = await stage.run([...flags, 'docker', 'ps', '-a'])
    expect({ stdout, code }).toEqual({ stdout: 'by agent: ps -a\n', code: 0 })
  })

  it('delivers every argument byte for byte', async () => {
    await stage.agent()
    await stage.docker(`shift; printf '%s\\0' "$@"`)
    const { stdout } = await stage.run(['docker', 'ps', ...AWKWARD])
    expect(stdout.split('\0')).toEqual([...AWKWARD, ''])
  })

  it('keeps the outputs apart, and ends with the exit code of docker', async () => {
    await stage.agent()
    await stage.docker('echo out; echo err >&2; exit 37')
    expect(await stage.run(['docker', 'ps'])).toMatchObject({ stdout: 'out\n', stderr: 'err\n', code: 37 })
  })

  it('streams binary input and output unchanged, more than goes at once', async () => {
    await stage.agent()
    await stage.docker('exec cat')
    const data = randomBytes(3_000_000)
    const { bytes, code } = await stage.run(['docker', 'logs', 'x'], { stdin: data })
    expect({ same: bytes.equals(data), code }).toEqual({ same: true, code: 0 })
  })

  it('says that nobody takes the output any more', async () => {
    await stage.agent()
    await stage.docker('exec cat /dev/zero')
    const { stderr, stdout } = await stage.shell('{ "$belt" docker logs x; echo $? >&2; } | head -c 1')
    expect({ stderr, stdout }).toEqual({
      stderr: 'belt: cannot write the output: Broken pipe\n1\n',
      stdout: '\0',
    })
  })

  it.each([
    ['SIGINT', 'INT', 130],
    ['SIGTERM', 'TERM', 143],
    ['SIGHUP', 'TERM', 143],
  ] as const)('lets %s reach docker', async (signal, remote, code) => {
    await stage.agent()
    await stage.docker(`trap 'echo ${remote}; exit ${code}' ${remote}; ${waiting()}`)
    expect(await interrupted([signal])).toMatchObject({ stdout: `ready\n${remote}\n`, code })
  })

  it('ends docker at a second signal', async () => {
    await stage.agent()
    await stage.docker(`trap 'echo heard' INT; ${waiting()}`)
    const { stdout, stderr, code } = await interrupted(['SIGINT', 'SIGINT'])
    expect({ stdout, stderr, code }).toEqual({
      stdout: 'ready\nheard\n',
      stderr: 'belt: interrupted on node1\n',
      code: 130,
    })
  })

  it('lets a signal reach docker while nobody takes the output', async () => {
    await stage.agent()
    const heard = join(stage.workspace, 'heard')
    await stage.docker(`trap 'touch ${heard}; kill $!; exit 130' INT; cat /dev/zero & wait`)
    const { code } = await stage.run(['docker', 'logs', 'x'], {
      async onStart(child) {
        const { stdout } = child
        stdout?.pause()
        await until(() => (stdout?.readableLength ?? 0) > 0, 'output waits')
        child.kill('SIGINT')
        await until(() => existsSync(heard), 'docker hears of it')
        stdout?.resume()
      },
    })
    expect(code).toBe(130)
  })

  it('tells a failure as Belt does, and does not run it again', async () => {
    const host = await stage.agent()
    host.failure = new HostError('lost', 'node1', 'lost the connection', { hint: 'look at it' })
    const { stdout, stderr, code } = await stage.run(['docker', 'ps'])
    expect({ stdout, stderr, code }).toEqual({
      stdout: 'by agent: ps\n',
      stderr: 'belt: lost the connection\n  look at it\n',
      code: 1,
    })
  })

  it('is left to Node when nothing was begun', async () => {
    const host = await stage.agent()
    host.down = new HostError('refused', 'node1', 'nothing listens')
    expect(await stage.run(['docker', 'ps'], { stdin: 'input' })).toMatchObject(BY_NODE)
  })

  it.each([
    ['reaches hosts in another way', { DOCKER_HOST: 'tcp://elsewhere' }],
    ['means another cluster', { BELT_CLUSTER: 'other' }],
    ['is debugged', { BELT_DEBUG: '1' }],
  ])('is left to Node when it %s', async (_why, env) => {
    await stage.agent()
    expect(await stage.run(['docker', 'ps'], { stdin: 'input', env })).toMatchObject(BY_NODE)
  })

  it.each([
    [['docker', 'rm', 'x']],
    [['--host', 'node2', 'docker', 'ps']],
    [['--host', 'node[1:2]', 'docker', 'ps']],
    [['--yes', 'docker', 'ps']],
    [['exec', 'node1', 'docker', 'ps']],
    [[]],
  ])('leaves %j to Node', async words => {
    await stage.agent()
    const { stdout } = await stage.run(words, { stdin: 'input' })
    expect(stdout).toBe(`node${words.map(word => `<${word}>`).join('')}input`)
  })

  it('is found through symbolic links', async () => {
    await stage.agent()
    const path = join(stage.workspace, 'linked')
    await symlink('again', path)
    await symlink(stage.belt, join(stage.workspace, 'again'))
    expect((await stage.shell('./linked docker ps')).stdout).toBe('by agent: ps\n')
    expect((await stage.shell('cd .. && PATH=workspace:$PATH; linked ls')).stdout).toBe('node<ls>')
  })

  it('leaves words that are no text to Node', async () => {
    await stage.agent()
    const { bytes } = await stage.shell(`"$belt" docker ps "$(printf '\\377')"`)
    expect(bytes).toEqual(Buffer.from('node<docker><ps><\xff>', 'latin1'))
  })

  it.each([
    ['without perl', 'PATH= "$belt" docker ps'],
    ['with a stream that is closed', '"$belt" docker ps <&- 2>&-'],
    ['on a terminal', `script -qec '"$belt" docker ps' /dev/null </dev/null`],
  ])('is left to Node %s', async (_why, line) => {
    await stage.agent()
    expect((await stage.shell(line)).stdout).toContain('node')
  })

  /** Sends signals, each once docker has said one line more. */
  function interrupted(signals: readonly NodeJS.Signals[]) {
    return stage.run(['docker', 'events'], {
      onStart(child) {
        const left = [...signals]
        child.stdout?.on('data', () => {
          const signal = left.shift()
          if (signal) child.kill(signal)
        })
      },
    })
  }
})

describe('a front', () => {
  it('is put together without a warning of Perl', () => {
    const strictly = ['-Mstrict', '-Mwarnings=FATAL,all', '-c', 'bin/front.pl']
    expect(() => execFileSync('perl', strictly, { stdio: 'pipe' })).not.toThrow()
  })

  it('tells an agent where it is, and the variables that have a part in it', async () => {
    const drivers = driverNames.map(name => [`${name.toUpperCase()}_TOKEN`, `of ${name}`])
    const env = {
      ...Object.fromEntries(drivers),
      AWS_PROFILE: 'a "b"\n',
      BELT_SSH_USER: 'ü',
      SSH_AUTH_SOCK: '/run/a',
      SECRET: 'unheard',
    }
    const calls: FrontCall[] = []
    await scripted((wire, payload) => {
      calls.push(unpack<FrontCall>(payload).value)
      wire.destroy()
    })
    await stage.run(['docker', 'ps'], { env })
    const [{ environment, ...more } = expect.fail('it was not asked')] = calls
    expect(more).toEqual({
      what: 'front',
      version: packageVersion,
      argv: ['docker', 'ps'],
      cwd: stage.workspace,
      isTerminal: false,
    })
    const name = await connectionFingerprint(stage.cluster, { ...stage.env, ...env })
    expect(await connectionFingerprint(stage.cluster, environment)).toBe(name)
    expect(environment).not.toHaveProperty('SECRET')
  })

  it.each<[string, (wire: Wire, frame: Frame) => void]>([
    ['refuses', greeting((wire, call) => wire.send(Kind.failure, call, pack(dataOf(new Error('no'), ''))))],
    ['is gone before it began', greeting(wire => wire.destroy())],
    ['takes no more commands', greeting(wire => wire.send(Kind.bye, 0))],
    ['is of another protocol', wire => wire.send(Kind.hello, 0, pack({ protocol: PROTOCOL + 1 }))],
    ['hangs up', wire => wire.destroy()],
    ['says nothing', () => {}],
  ])('leaves a command whose agent %s to Node, with all of its input', async (_what, heard) => {
    await listeningAgent(heard, stage.socketPath())
    const start = performance.now()
    expect(await stage.run(['docker', 'ps'], { stdin: 'input' })).toMatchObject(BY_NODE)
    expect(performance.now() - start).toBeLessThan(4_000)
  })

  it('leaves a command to Node when what listens speaks something else', async () => {
    const { createServer } = await import('node:net')
    const server = createServer(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await new Promise<void>(done => server.listen(stage.socketPath(), done))
    await chmod(stage.socketPath(), 0o600)
    expect(await stage.run(['docker', 'ps'], { stdin: 'input' })).toMatchObject(BY_NODE)
    server.close()
  })

  it('asks the next agent when one refuses', async () => {
    await scripted((wire, payload) => wire.send(Kind.failure, 1, payload))
    await stage.docker('echo by agent')
    await stage.agent()
    expect((await stage.run(['docker', 'ps'])).stdout).toBe('by agent\n')
  })

  it('says that the end of a command is unknown whose agent is gone, and does not run it again', async () => {
    const heard = greeting((wire, call) => {
      wire.send(Kind.started, call)
      wire.send(Kind.data, call, Buffer.from('half'))
      wire.end()
    })
    await listeningAgent(heard, stage.socketPath())
    const { stdout, stderr, code } = await stage.run(['docker', 'ps'])
    expect({ stdout, code }).toEqual({ stdout: 'half', code: 1 })
    expect(stderr).toMatch(/^belt: lost Belt's agent.*\(it ended\)\n {2}Whether .* unknown/)
  })

  it('does not wait for an agent that hangs while a command runs', async () => {
    await stage.set('PING_EVERY', 1)
    await listeningAgent(
      greeting((wire, call) => wire.send(Kind.started, call)),
      stage.socketPath(),
    )
    const { stderr, code } = await stage.run(['docker', 'ps'])
    expect(code).toBe(1)
    expect(stderr).toContain('said nothing for 3 s')
  })

  it('is interrupted although its agent does not answer', async () => {
    await stage.set('ABORT_SECONDS', 0)
    let interrupt = () => {}
    await scripted(() => interrupt())
    const { stderr, code } = await stage.run(['docker', 'ps'], {
      onStart(child) {
        interrupt = () => void child.kill('SIGINT')
      },
    })
    expect({ stderr, code }).toEqual({ stderr: 'belt: interrupted\n', code: 130 })
  })

  describe('uses no socket', () => {
    beforeEach(async () => {
      await stage.docker('echo by agent')
      await stage.agent()
    })

    async function socket(): Promise<string> {
      return stage.socketPath(await connectionFingerprint(stage.cluster, stage.env))
    }

    it('that others may use', async () => {
      await chmod(await socket(), 0o640)
      expect(await stage.run(['docker', 'ps'], { stdin: 'input' })).toMatchObject(BY_NODE)
    })

    it('in a folder that others may enter', async () => {
      await chmod(stage.sockets, 0o711)
      expect(await stage.run(['docker', 'ps'], { stdin: 'input' })).toMatchObject(BY_NODE)
    })

    it.skipIf(process.getuid?.() !== 0)("that is another user's", async () => {
      await chown(await socket(), 1, 1)
      expect(await stage.run(['docker', 'ps'], { stdin: 'input' })).toMatchObject(BY_NODE)
    })
  })

  /** An agent that greets, and does something with what it is asked. */
  function scripted(asked: (wire: Wire, payload: Buffer) => void): Promise<string> {
    return listeningAgent(
      greeting((wire, _call, payload) => asked(wire, payload)),
      stage.socketPath(),
    )
  }
})

it('is what the package installs', async () => {
  const { bin, files } = JSON.parse(await readFile('package.json', 'utf8'))
  expect(bin.belt).toBe('./bin/belt')
  expect(files).toEqual(expect.arrayContaining(['bin/belt', 'bin/front.pl', 'bin/run.js']))
})

function greeting(asked: (wire: Wire, call: number, payload: Buffer) => void) {
  return (wire: Wire, { kind, call, payload }: Frame) => {
    if (kind === Kind.hello) wire.send(Kind.hello, 0, pack({ protocol: PROTOCOL }))
    if (kind === Kind.open) asked(wire, call, payload)
  }
}

/** A script that says that it is there, and waits. */
function waiting(): string {
  return 'echo ready; while :; do sleep 0.05; done'
}
