import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Workplace } from '../support/belt.ts'
import { freePort, hasSshd, Sshd, until } from '../support/sshd.ts'

/** Prints the number of the host, as its address has it. */
const NUMBER = `n=$(echo $SSH_CONNECTION | cut -d' ' -f3 | cut -d. -f4)`

describe.skipIf(!hasSshd)('a run on many hosts', () => {
  let sshd: Sshd
  let place: Workplace
  const exec = (...args: string[]) => place.run(['exec', ...args])

  /** node1 to node30 are one server at addresses of their own; nothing listens at lost1 and lost2. */
  beforeAll(async () => {
    sshd = await Sshd.start({ listen: '0.0.0.0', config: ['SetEnv HOME=/nonexistent'] })
    place = new Workplace()
    const lines = [
      'name: prod',
      'static:',
      '  hosts:',
      `    - { name: 'node[1:30]', address: '127.1.0.[1:30]', port: ${sshd.port} }`,
      `    - { name: 'lost[1:2]', address: '127.1.0.[31:32]', port: ${await freePort()} }`,
      'ssh:',
      `  private_key: ${sshd.privateKey}`,
      '  connect_timeout: 60s',
      '',
    ]
    writeFileSync(join(place.folder, '.belt.yaml'), lines.join('\n'), { mode: 0o600 })
    expect((await exec('node[1:30]', '--', 'true')).code).toBe(0)
  })
  afterAll(async () => {
    place?.remove()
    await sshd?.stop()
  })

  it('gathers equal outputs under the names of their hosts, and sums up failures by cause', async () => {
    const line = `${NUMBER}; [ $n -lt 25 ] && echo new && exit; echo old; echo bad >&2; exit 3`
    const { stdout, stderr, code } = await exec('*', '--gather', '--shell', line)
    expect(stdout).toBe(
      'node[1:24] (24): new\nnode[25:30] (6), exit code 3:\n  old\n  stderr: bad\nlost[1:2] (2), refused\n',
    )
    expect(stderr).toMatch(/^24 of 32 succeeded in .* s; slowest: \S+ .* s, \S+ .* s, \S+ .* s$/m)
    expect(stderr).toMatch(
      /^exit code 3 \(6\): node\[25:30]\nrefused \(2\): lost\[1:2]\n {2}cannot reach lost1/m,
    )
    expect(stderr.trimEnd().split('\n').at(-1)).toBe('failed on 8 of 32: lost[1:2],node[25:30]')
    expect(code).toBe(4)
  })

  it('gathers on a terminal, with progress, where the hosts are many, and streams where they are few', async () => {
    const many = await place.terminal(['exec', 'node[1:30]', '--', 'sh', '-c', 'sleep 1; echo hello'])
    expect(many.stdout).toContain(' Running ')
    const shown = stripVTControlCharacters(many.stdout).replaceAll('\r', '').split('\n')
    expect(shown).toContain('node[1:30] (30): hello')
    expect(shown.filter(text => text.includes('hello') && text.startsWith('node'))).toHaveLength(1)
    const few = await place.terminal(['exec', 'node[1:3]', '--', 'echo', 'hello'])
    expect(few.stdout.match(/^node[123]: hello\r$/gm)).toHaveLength(3)
  })

  it('leaves stdout to the data when only stderr is a terminal', async () => {
    const line = 'belt exec "node[1:3]" --gather -- sh -c "sleep 1; echo hello" > out'
    const script = `belt() { '${process.execPath}' '${join(process.cwd(), 'bin/run.js')}' "$@"; }; ${line}`
    const { code } = await place.shell(`script -qec ${quoted(`bash -c ${quoted(script)}`)} /dev/null`)
    expect(code).toBe(0)
    expect(readFileSync(join(place.folder, 'out'), 'utf8')).toBe('node[1:3] (3): hello\n')
  })

  it('tells one document with everything apart, or a line for each host as it ends', async () => {
    const run = ['node1,lost1', '--shell', 'echo out; echo err >&2; exit 2']
    const document = JSON.parse((await exec(...run, '--json')).stdout)
    const node1 = {
      host: 'node1',
      exitCode: 2,
      stdout: 'out\n',
      stderr: 'err\n',
      truncated: false,
      durationMs: expect.any(Number),
    }
    const lost1 = { host: 'lost1', stdout: '', stderr: '', error: { code: 'host-refused' } }
    expect(document).toMatchObject({ hosts: [node1, lost1], failed: ['node1', 'lost1'] })
    const lines = (await exec(...run, '--ndjson')).stdout.trim().split('\n')
    expect(lines.map(line => JSON.parse(line))).toMatchObject([lost1, node1])
  })

  it('keeps what came before a host timed out, and no more than told', async () => {
    const { stdout, code } = await exec(
      'node[1:2]',
      '--ndjson',
      '--timeout',
      '5s',
      '--shell',
      'echo so far; sleep 60',
    )
    for (const line of stdout.trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ stdout: 'so far\n', error: { code: 'host-timeout' } })
    expect(code).toBe(1)
    const flood = await exec(
      'node[1:2]',
      '--gather',
      '--max-output',
      '1kb',
      '--',
      'head',
      '-c',
      '50000000',
      '/dev/zero',
    )
    expect(flood.stdout).toMatch(/^node\[1:2] \(2\), output truncated at 1kb: \0{1024}\n$/)
    expect(flood.code).toBe(0)
  })

  it('runs again only where it failed, until that is nowhere', async () => {
    const failing = `${NUMBER}; [ $n -ne 7 ] && [ $n -ne 9 ]`
    expect((await exec('node[1:30]', '--gather', '--shell', failing)).code).toBe(4)
    const again = await exec('@failed', '--gather', '--shell', `${NUMBER}; echo $n; [ $n -ne 9 ]`)
    expect(again.stdout).toBe('node7: 7\nnode9, exit code 1: 9\n')
    const alone = await exec('@failed', '--', 'echo', 'passed through')
    expect([alone.stdout, alone.code]).toEqual(['passed through\n', 0])
    const nobody = await exec('@failed', '--', 'echo', 'hello')
    expect([nobody.stdout, nobody.stderr, nobody.code]).toEqual([
      '',
      'no host failed in the last run: there is nothing to do\n',
      0,
    ])
  })

  it('ends at the deadline of the whole run', async () => {
    const { stderr, code } = await exec(
      'node[1:6]',
      '--concurrency',
      '3',
      '--deadline',
      '5s',
      '--',
      'sleep',
      '60',
    )
    expect(stderr).toMatch(
      /^timeout \(6\): node\[1:6]\n {2}node\d was not done when the run ended, after 5 s$/m,
    )
    expect(code).toBe(1)
  })

  it('begins no host any more once it is interrupted, and ends what runs', async () => {
    const marker = join(sshd.folder, 'begun-')
    // no `touch`: bash goes on after an interrupt that comes while a child of its own ends well
    const line = `${NUMBER}; : >'${marker}'$n; exec sleep 61`
    const begun = () => readdirSync(sshd.folder).filter(name => name.startsWith('begun-')).length
    const { stderr, code } = await place.run(['exec', 'node[1:30]', '--concurrency', '4', '--shell', line], {
      onStart: child => void until(() => begun() === 4, 'four run', 60_000).then(() => child.kill('SIGINT')),
    })
    expect(code).toBe(130)
    expect(begun()).toBe(4)
    expect(stderr).toMatch(/^interrupted \(26\)/m)
    expect(stderr).toContain('failed on 30 of 30')
  })

  it('copies a file to all of them, and back', async () => {
    writeFileSync(join(place.folder, 'app.conf'), 'key = value\n')
    const target = join(sshd.folder, 'copied.conf')
    const sent = await place.run(['cp', 'app.conf', `node1,lost1:${target}`, '--mode', '0640'])
    expect(sent.stdout).toBe(`node1: ${target} (1 file, 12b)\n`)
    expect(sent.stderr).toContain('refused (1): lost1')
    expect(sent.code).toBe(4)
    const fetched = await place.run(['cp', `node[1:12]:${target}`, 'back', '--json'])
    expect(JSON.parse(fetched.stdout)).toMatchObject({
      hosts: expect.arrayContaining([
        expect.objectContaining({ host: 'node12', path: 'back/node12-copied.conf', bytes: 12 }),
      ]),
      failed: [],
    })
    expect(readdirSync(join(place.folder, 'back'))).toHaveLength(12)
    const twice = await place.run(['cp', `node[1:12]:${target}`, 'back'])
    expect([twice.code, twice.stdout]).toEqual([3, ''])
    expect(twice.stderr).toContain('would be replaced; nothing was fetched')
  })

  it.each([
    [['a', 'b'], 'neither path is on a host'],
    [['node1:/a', 'node2:/b'], 'both paths are on hosts'],
    [['node1:/a', 'b', '--owner', 'root'], '--owner applies only to copies on hosts'],
    [['a', 'node1:/b', '--mode', 'rw'], '"rw" is not a mode'],
    [['.', 'node1:/b'], 'is a directory, and belt cp copies files'],
  ])('refuses to copy %j: %s', async (args, message) => {
    const { code, stderr } = await place.run(['cp', ...args])
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })
})

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
