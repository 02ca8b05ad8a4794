import { randomBytes } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Machine } from '../../../src/drivers/driver.ts'
import type { SshHosts } from '../../../src/hosts/ssh/ssh-hosts.ts'
import { fetchFromHosts, sendToHosts } from '../../../src/operations/copy.ts'
import type { Fleet } from '../../../src/operations/fleet.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeHost } from '../../support/fake-host.ts'
import { makeReadOnly, smallDisk } from '../../support/small-disk.ts'
import { sshHostsFor } from '../../support/ssh-hosts.ts'
import { hasSshd, Sshd } from '../../support/sshd.ts'

const NAMES = ['node1', 'node2', 'node3']

describe.skipIf(!hasSshd)('copying over SSH', () => {
  let sshd: Sshd
  let hosts: SshHosts
  let machines: Machine[]
  let folder: string
  let count = 0
  const fleetWith = (change: Partial<Fleet> = {}) =>
    fakeFleet(new FakeDriver(), name => new FakeHost(name), {
      timeoutMs: 60_000,
      host: ({ name }) => hosts.host(sshd.address(name)),
      ...change,
    })

  beforeAll(async () => {
    sshd = await Sshd.start({ config: ['SetEnv HOME=/nonexistent'] })
    hosts = sshHostsFor(sshd)
    machines = await new FakeDriver().with(...NAMES).list()
  })
  afterAll(async () => {
    hosts?.close()
    await sshd?.stop()
  })
  beforeEach(async () => {
    folder = join(sshd.folder, `it's $folder ${count++}`)
    await mkdir(folder)
  })

  it('sends every byte of a large file, and fetches it back', async () => {
    const content = randomBytes(20_000_000)
    await writeFile(join(folder, 'large'), content, { mode: 0o750 })
    const sent = await sendToHosts(fleetWith(), machines.slice(0, 1), join(folder, 'large'), {
      target: join(folder, 'copy'),
    })
    expect(sent).toMatchObject([{ ok: true, value: { bytes: 20_000_000 } }])
    expect((await readFile(join(folder, 'copy'))).equals(content)).toBe(true)
    expect((await stat(join(folder, 'copy'))).mode & 0o777).toBe(0o750)

    const back = join(folder, 'back')
    const fetched = await fetchFromHosts(fleetWith(), machines, join(folder, 'copy'), {
      folder: back,
      force: false,
    })
    expect(fetched.every(answer => answer.ok)).toBe(true)
    for (const name of NAMES) expect((await readFile(join(back, `${name}-copy`))).equals(content)).toBe(true)
    expect((await stat(join(back, 'node1-copy'))).mode & 0o777).toBe(0o750)
  })

  it('copies a file without content', async () => {
    await writeFile(join(folder, 'empty'), '')
    await sendToHosts(fleetWith(), machines.slice(0, 1), join(folder, 'empty'), { target: `${folder}/to-` })
    const fetched = await fetchFromHosts(fleetWith(), machines, `${folder}/to-`, { folder, force: false })
    expect(fetched.map(answer => answer.ok && answer.value.bytes)).toEqual([0, 0, 0])
  })

  it('fetches a log that grows as it was when it was looked at', async () => {
    const log = join(folder, 'log')
    await writeFile(log, 'one\n')
    const growing = fleetWith({
      host: ({ name }) => {
        const host = hosts.host(sshd.address(name))
        return Object.assign(Object.create(host), {
          name,
          run: (...call: Parameters<typeof host.run>) => host.run(...call),
          stream: (...call: Parameters<typeof host.stream>) => {
            appendFileSync(log, 'two\n')
            return host.stream(...call)
          },
        })
      },
    })
    await fetchFromHosts(growing, machines.slice(0, 1), log, { folder, force: false })
    expect(await readFile(join(folder, 'node1-log'), 'utf8')).toBe('one\n')
  })

  it('leaves the old file when the connection breaks on the way', async () => {
    await writeFile(join(folder, 'large'), randomBytes(50_000_000))
    await writeFile(join(folder, 'target'), 'old')
    const cutting = fleetWith({
      progress: {
        start: () => ({
          step() {},
          update: detail => void (detail === '50 %' && sshd.cutConnections()),
          done() {},
          fail() {},
        }),
        note() {},
      },
    })
    const [answer] = await sendToHosts(cutting, machines.slice(0, 1), join(folder, 'large'), {
      target: join(folder, 'target'),
    })
    expect(answer).toMatchObject({ ok: false, error: { code: 'host-lost' } })
    expect(await readFile(join(folder, 'target'), 'utf8')).toBe('old')
    await expect.poll(() => readdir(folder), { timeout: 10_000 }).toEqual(['large', 'target'])
  })

  it('says that a disk is full, there or here, and leaves no part', async context => {
    const disk = smallDisk(context, 200)
    await writeFile(join(folder, 'large'), randomBytes(1_000_000))
    const sent = await sendToHosts(fleetWith(), machines.slice(0, 1), join(folder, 'large'), {
      target: join(disk, 'large'),
    })
    expect(sent).toMatchObject([
      {
        ok: false,
        error: { code: 'disk-full', message: expect.stringContaining('No space left on device') },
      },
    ])
    const fetched = await fetchFromHosts(fleetWith(), machines.slice(0, 1), join(folder, 'large'), {
      folder: disk,
      force: false,
    })
    expect(fetched).toMatchObject([
      { ok: false, error: { code: 'disk-full', message: expect.stringContaining(disk) } },
    ])
    expect(await readdir(disk)).toEqual([])
  })

  it('says that a file system is read-only', async context => {
    const disk = smallDisk(context, 200)
    makeReadOnly(disk)
    await writeFile(join(folder, 'file'), 'x')
    const sent = await sendToHosts(fleetWith(), machines.slice(0, 1), join(folder, 'file'), {
      target: join(disk, 'file'),
    })
    expect(sent).toMatchObject([{ ok: false, error: { code: 'read-only' } }])
  })

  it('leaves nothing when it is interrupted', async () => {
    await writeFile(join(folder, 'large'), randomBytes(50_000_000))
    const interruption = new AbortController()
    const interrupted = fleetWith({
      signal: interruption.signal,
      progress: {
        start: () => ({ step() {}, update: () => interruption.abort(), done() {}, fail() {} }),
        note() {},
      },
    })
    const [answer] = await sendToHosts(interrupted, machines.slice(0, 1), join(folder, 'large'), {
      target: join(folder, 'target'),
    })
    expect(answer).toMatchObject({ ok: false, error: { code: 'interrupted' } })
    await expect.poll(() => readdir(folder), { timeout: 10_000 }).toEqual(['large'])
  })

  it('says which path is wrong', async () => {
    await writeFile(join(folder, 'file'), 'x')
    const reasonOf = async (target: string) => {
      const [answer] = await sendToHosts(fleetWith(), machines.slice(0, 1), join(folder, 'file'), { target })
      return answer?.ok ? 'ok' : answer?.error.message
    }
    expect(await reasonOf(folder)).toContain('is a directory')
    expect(await reasonOf(join(folder, 'no/such'))).toMatch(/No such file|nonexistent/)
    const [fetched] = await fetchFromHosts(fleetWith(), machines, join(folder, 'none'), {
      folder,
      force: false,
    })
    expect(fetched).toMatchObject({ ok: false, error: { message: expect.stringContaining('No such file') } })
  })
})
