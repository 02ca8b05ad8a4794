import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { HostError } from '../../src/hosts/errors.ts'
import { fetchFromHosts, sendToHosts } from '../../src/operations/copy.ts'
import { FakeDriver } from '../support/fake-driver.ts'
import { fakeFleet } from '../support/fake-fleet.ts'
import { FakeHost, type Responder } from '../support/fake-host.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const NAMES = ['node1', 'node2', 'node3']

let folder: string
beforeEach(async () => {
  folder = await temporaryFolder({ 'app.conf': 'content' })
})

async function fleetThat(respond: (name: string) => Responder, change: object = {}) {
  const hosts = new Map(NAMES.map(name => [name, new FakeHost(name, respond(name))]))
  const fleet = fakeFleet(
    new FakeDriver().with(...NAMES),
    name => hosts.get(name) ?? new FakeHost(name),
    change,
  )
  return { fleet, hosts, machines: await fleet.driver.list() }
}

describe('sendToHosts', () => {
  it('gives each host the content, and tells where it is', async () => {
    const received: string[] = []
    const { fleet, machines } = await fleetThat(name => (line, stdin) => {
      received.push(
        `${name} ${stdin} ${/mv -f -- \S+ (\S+)/.exec(line)?.[1]} ${/chmod (\d+)/.exec(line)?.[1]}`,
      )
      return {}
    })
    const answers = await sendToHosts(fleet, machines, join(folder, 'app.conf'), {
      target: '/etc/',
      mode: 0o640,
    })
    expect(received.toSorted()).toEqual(NAMES.map(name => `${name} content /etc/app.conf 640`))
    expect(answers.map(answer => answer.ok && answer.value)).toEqual(
      NAMES.map(() => ({ path: '/etc/app.conf', bytes: 7 })),
    )
  })

  it('names what each host refuses for, and remembers those that failed', async () => {
    const said: Record<string, string> = {
      node1: 'cat: write error: No space left on device\n',
      node2: 'sh: 1: cannot create /etc/.x: Permission denied\n',
    }
    const { fleet, machines } = await fleetThat(
      name => () => (said[name] ? { code: 1, stderr: said[name] } : {}),
    )
    const answers = await sendToHosts(fleet, machines, join(folder, 'app.conf'), { target: '/etc/x' })
    expect(answers.map(answer => (answer.ok ? 'ok' : answer.error.code))).toEqual([
      'disk-full',
      'permission-denied',
      'ok',
    ])
    expect(answers[0]).toMatchObject({
      error: { message: 'node1 could not write /etc/x: cat: write error: No space left on device' },
    })
    expect(await fleet.lastFailures.get()).toEqual(['node1', 'node2'])
  })

  it('takes one host alone off those that failed only when it was copied to as one of them', async () => {
    const { fleet, machines } = await fleetThat(() => () => ({}))
    await fleet.lastFailures.set(['node1'])
    const send = (again: boolean) =>
      sendToHosts(fleet, machines.slice(0, 1), join(folder, 'app.conf'), { target: '/x', again })
    await send(false)
    expect(await fleet.lastFailures.get()).toEqual(['node1'])
    await send(true)
    expect(await fleet.lastFailures.get()).toEqual([])
  })

  it('gives up a host that takes nothing, and no other', async () => {
    const { fleet, machines } = await fleetThat(name => () => (name === 'node2' ? { hangs: true } : {}), {
      timeoutMs: 200,
    })
    const answers = await sendToHosts(fleet, machines, join(folder, 'app.conf'), { target: '/x' })
    expect(answers.map(answer => answer.ok)).toEqual([true, false, true])
    expect(answers[1]).toMatchObject({
      error: { code: 'host-timeout', message: 'node2 transferred no data for 0.2 s' },
    })
  })

  it.each([
    ['no-such', { code: 'no-such-file', exitCode: 2 }],
    ['folder', { code: 'is-a-directory', exitCode: 2, hint: expect.stringContaining('--stdin -- tar') }],
    ['pipe', { code: 'not-a-file', exitCode: 2 }],
  ])('refuses %s, and asks no host', async (name, error) => {
    await mkdir(join(folder, 'folder'))
    execFileSync('mkfifo', [join(folder, 'pipe')])
    const { fleet, machines, hosts } = await fleetThat(() => () => ({}))
    const sending = sendToHosts(fleet, machines, join(folder, name), { target: '/x' })
    await expect(sending).rejects.toMatchObject(error)
    expect([...hosts.values()].flatMap(host => host.lines)).toEqual([])
  })
})

describe('fetchFromHosts', () => {
  /** Hosts on which a file has this content, of which as much is handed over as told. */
  const holding =
    (content: string, size = content.length): Responder =>
    line =>
      line.includes('head -c') ? { stdout: content } : { stdout: `${size}\n640\n` }
  const fetching = (change: object = {}) => ({ folder: join(folder, 'logs'), force: false, ...change })

  it('writes one file for each host, with the mode that it has there', async () => {
    const { fleet, machines } = await fleetThat(name => holding(`log of ${name}`))
    const answers = await fetchFromHosts(fleet, machines, '/var/log/syslog', fetching())
    expect(answers.map(answer => answer.ok && answer.value.bytes)).toEqual([12, 12, 12])
    expect(await readdir(join(folder, 'logs'))).toEqual(['node1-syslog', 'node2-syslog', 'node3-syslog'])
    expect(await readFile(join(folder, 'logs/node2-syslog'), 'utf8')).toBe('log of node2')
    expect((await stat(join(folder, 'logs/node2-syslog'))).mode & 0o777).toBe(0o640)
  })

  it('fetches nothing when that would replace a file, unless forced', async () => {
    const { fleet, machines, hosts } = await fleetThat(() => holding('new'))
    await mkdir(join(folder, 'logs'))
    await writeFile(join(folder, 'logs/node2-x'), 'old')
    await expect(fetchFromHosts(fleet, machines, '/x', fetching())).rejects.toMatchObject({
      code: 'file-exists',
      exitCode: 3,
      message: `${join(folder, 'logs/node2-x')} would be replaced; nothing was fetched`,
    })
    expect([...hosts.values()].flatMap(host => host.lines)).toEqual([])
    await fetchFromHosts(fleet, machines, '/x', fetching({ force: true }))
    expect(await readFile(join(folder, 'logs/node2-x'), 'utf8')).toBe('new')
  })

  it('keeps no part of a file: what a host cannot read, or that shrank', async () => {
    const { fleet, machines, hosts } = await fleetThat(
      name =>
        ({
          node1: holding('short', 10),
          node2: (() => ({ code: 1, stderr: 'sh: 1: cannot open /x: Permission denied\n' })) as Responder,
        })[name] ?? holding('x'),
    )
    const lost = hosts.get('node3')
    if (lost) lost.down = new HostError('lost', 'node3', 'lost the connection to node3')
    const answers = await fetchFromHosts(fleet, machines, '/x', fetching())
    expect(answers.map(answer => (answer.ok ? 'ok' : answer.error.code))).toEqual([
      'fetch-incomplete',
      'permission-denied',
      'host-lost',
    ])
    expect(await readdir(join(folder, 'logs'))).toEqual([])
  })

  it('refuses a folder that is a file', async () => {
    const { fleet, machines } = await fleetThat(() => holding('x'))
    const fetched = fetchFromHosts(fleet, machines, '/x', fetching({ folder: join(folder, 'app.conf') }))
    await expect(fetched).rejects.toMatchObject({ code: 'unusable-folder', exitCode: 3 })
  })
})
