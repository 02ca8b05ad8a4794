import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JournalEntry } from '../../src/domain/journal-entry.ts'
import { retry } from '../../src/retry.ts'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'

const engine = await requireEngine()

describe.skipIf(!engine)('the journal and the debug log', () => {
  let cluster: TestCluster
  let folder: string

  const belt = (...args: string[]) => cluster.succeed(args)
  const changes = async (): Promise<JournalEntry[]> =>
    JSON.parse(await belt('log', '--all', '--last', '1000', '--json'))
  const last = async () => (await changes()).at(-1)
  const logs = (command: string) => readdirSync(folder).filter(name => name.endsWith(`-${command}.log`))
  const written = () => readdirSync(folder).map(name => readFileSync(join(folder, name), 'utf8'))

  beforeAll(() => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    folder = join(cluster.folder, '.belt', cluster.name, 'log')
  })

  afterAll(() => cluster.destroy())

  it('have no file before something is contacted', async () => {
    await belt('use')
    await belt('create', '--help')
    await belt('cluster', 'config')
    expect((await cluster.run(['active'])).code).toBe(2)
    expect(await belt('log')).toMatch(/^TIME .*\n$/)
    expect(existsSync(folder)).toBe(false)
  })

  it('tell of machines that are made', async () => {
    await belt('create', 'mg0,node1')
    const [first, second, ...more] = await changes()
    expect(more).toEqual([])
    expect(first).toMatchObject({
      belt: 'belt create mg0,node1',
      machine: 'mg0',
      what: 'Create mg0',
      command: 'docker: create mg0 512mb',
      after: 'active, 512 MiB',
      result: 'ok',
    })
    expect(second).toMatchObject({ machine: 'node1', result: 'ok' })
    expect(readFileSync(join(folder, logs('create')[0] ?? ''), 'utf8')).toMatch(
      /Z belt create mg0,node1\n.*Z belt \d.*\n.*Z cluster [\s\S]* mg0: true\n[\s\S]*Z Waiting for SSH: done\n.*exit code 0\n$/,
    )
  })

  it('tell what a drain changed, what was before, and by which command', async () => {
    await belt('swarm', 'init', 'mg0')
    await belt('swarm', 'join', 'mg0', 'node1')
    expect(await last()).toMatchObject({
      host: 'node1',
      what: 'Join node1 as worker',
      before: 'outside',
      command: 'docker system dial-stdio # POST /swarm/join',
      after: 'worker',
      result: 'ok',
    })
    const before = (await changes()).length
    await belt('swarm', 'drain', 'node1')
    const drained = (await changes()).slice(before)
    expect(drained).toEqual([
      expect.objectContaining({
        belt: 'belt swarm drain node1',
        host: 'mg0',
        what: 'Set node1 to drain',
        before: 'active',
        command: expect.stringMatching(/^docker node update --availability drain \w{25}$/),
        after: 'drain',
        result: 'ok',
        exitCode: 0,
      }),
    ])
    expect(await belt('log', '--last', '1')).toMatch(
      /belt swarm drain node1 +mg0 +Set node1 to drain \(active -> drain\) +ok\n$/,
    )
  })

  it('are named when something failed, with what happened in between', async () => {
    const { code, stdout } = await cluster.run(['swarm', 'demote', 'mg0', '--json'])
    expect(code).toBe(5)
    const { log: path, ...error } = JSON.parse(stdout).error
    expect(error).toMatchObject({ code: 'quorum' })
    expect(path).toMatch(/^\.belt\/.*-swarm-demote\.log$/)
    const log = readFileSync(join(cluster.folder, path), 'utf8')
    expect(log).toMatch(/#\d+ mg0: docker system dial-stdio # GET \/info\n/)
    expect(log).toMatch(/failed: BeltError: refused: the last manager[\s\S]*\n +at [\s\S]*exit code 5\n$/)
  })

  it('are not named where the user mistyped, nor for the exit code of a command that was handed on', async () => {
    const mistyped = await cluster.run(['--host', 'nosuch', 'docker', 'ps'])
    const handedOn = await cluster.run(['exec', 'mg0', '--', 'false'])
    expect([mistyped.code, handedOn.code]).toEqual([2, 1])
    expect(mistyped.stderr + handedOn.stderr).not.toContain('log:')
  })

  it('tell what was handed on, without its output and without secrets in its arguments', async () => {
    await cluster.run(['exec', 'node1', '--', 'sh', '-c', 'echo output-of-it; exit 3', '--password', 'a b c'])
    expect(await last()).toMatchObject({
      host: 'node1',
      what: 'Run a command',
      command: "sh -c 'echo output-of-it; exit 3' --password ********",
      result: 'failed',
      exitCode: 3,
    })
    await cluster.run(['docker', 'run', '--rm', '-e', 'DB_PASSWORD=hunter 22', 'nosuch:image'])
    expect(await last()).toMatchObject({ host: 'mg0', result: 'failed', exitCode: 125 })
    expect(written().join()).not.toMatch(/a b c|hunter/)
    const [, log = ''] = logs('exec')
    expect(readFileSync(join(folder, log), 'utf8').match(/output-of-it/g)).toHaveLength(2)
  })

  it('hold no join token and no unlock key', async () => {
    const file = join(cluster.folder, 'unlock.key')
    await belt('swarm', 'update', '--autolock', '--unlock-key-file', file)
    const key = readFileSync(file, 'utf8').trim()
    expect(await last()).toMatchObject({ before: 'autolock: off', after: 'autolock: on', result: 'ok' })
    const token = (await belt('swarm', 'token')).trim()
    const rotated = (await belt('swarm', 'token', '--rotate')).trim()
    expect(await last()).toMatchObject({ what: 'Make a new join token for workers', result: 'ok' })
    await cluster.run(['docker', 'swarm', 'join', '--token', rotated, '10.0.0.1:2377'])
    await belt('swarm', 'update', '--no-autolock')
    expect(key).toMatch(/^SWMKEY-1-/)
    expect(rotated).toMatch(/^SWMTKN-1-/)
    for (const text of written()) {
      for (const secret of [key, token, rotated]) expect(text).not.toContain(secret)
      expect(text).not.toMatch(/SWMTKN-|SWMKEY-/)
    }
  })

  it('show a change that began and never ended, because Belt was killed', async () => {
    let kill = () => {}
    const killed = cluster.run(['exec', 'node1', '--', 'sleep', '30'], {
      onStart: child => {
        kill = () => child.kill('SIGKILL')
      },
    })
    await retry(async () => expect((await last())?.command).toBe('sleep 30'), {
      deadlineMs: 30_000,
      everyMs: 200,
    })
    kill()
    expect((await killed).code).toBe(137)
    const entry = await last()
    expect(entry).toMatchObject({ host: 'node1', command: 'sleep 30', result: 'begun' })
    expect(entry).not.toHaveProperty('durationMs')
  })

  it('are for nobody else, and stay out of version control', () => {
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(cluster.folder, '.belt', '.gitignore'), 'utf8')).toMatch(/^log\/$/m)
  })
})
