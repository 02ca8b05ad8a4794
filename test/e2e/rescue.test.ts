import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { retry } from '../../src/retry.ts'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'
import { killedAfter } from '../support/killed-upgrade.ts'
import { MachineDoors } from '../support/machine-doors.ts'

const engine = await requireEngine()

const MANAGERS = ['mg0', 'mg1', 'mg2']

/** What can cost a swarm, once each, on one swarm: `npm run test:long` has the other cases. */
describe.skipIf(!engine)('a swarm in trouble', { timeout: 400_000 }, () => {
  let cluster: TestCluster
  let doors: MachineDoors
  /** The manager that was backed up, and survives the others. */
  let survivor: string

  const belt = (...args: string[]) => cluster.succeed(args)
  const nodes = async () => {
    const format = '{{.Hostname}} {{.Status}} {{.ManagerStatus}}'
    const lines = (await belt('docker', 'node', 'ls', '--format', format)).split('\n')
    return lines.map(line => line.trim()).filter(Boolean)
  }
  const secrets = () => belt('docker', 'secret', 'ls', '--format', '{{.Name}}')

  beforeAll(async () => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    doors = new MachineDoors(cluster, engine?.host ?? '')
    await cluster.formSwarm(1)
    await cluster.run(['docker', 'secret', 'create', 'password', '-'], { stdin: 'hush' })
  })

  afterAll(() => cluster.destroy())

  it('is backed up by a manager that does not lead, which takes part again', async () => {
    const { manifest } = JSON.parse(await belt('swarm', 'backup', '--out', 'swarm.backup', '--json'))
    survivor = manifest.node.name
    expect(['mg1', 'mg2']).toContain(survivor)
    expect(manifest.contents).toMatchObject({ secrets: ['password'], nodes: [...MANAGERS, 'node1'] })
    expect(await nodes()).toContain(`${survivor} Ready Reachable`)
  })

  it('is left as it was by an upgrade that was killed and then resumed', async () => {
    const before = await cluster.shape()
    const words = ['upgrade', 'managers', survivor, '--command', 'echo once >>/root/upgraded']
    expect((await killedAfter(cluster, words, 3)).code).toBe(137)
    expect(await cluster.shape()).not.toEqual(before)
    await belt('lock', 'release', '--yes')
    expect(await belt('upgrade', '--resume')).toBe(`${survivor}: upgraded\n`)
    expect(await cluster.shape()).toEqual(before)
    expect(await belt('exec', survivor, '--', 'cat', '/root/upgraded')).toContain('once\n')
    expect(await belt('upgrade')).toBe('no unfinished upgrade\n')
  })

  it('is recovered from the manager that is left, with its workers', async () => {
    const lost = MANAGERS.filter(name => name !== survivor)
    doors.kill(...lost)
    const recover = ['swarm', 'recover', '--yes', '--json']
    const { recovered } = await retry(async () => JSON.parse(await belt(...recover)), {
      deadlineMs: 120_000,
      everyMs: 1000,
    })
    expect(recovered).toMatchObject({
      manager: survivor,
      removed: expect.arrayContaining(lost.map(name => ({ name }))),
      workers: { back: ['node1'], missing: [] },
    })
    expect(await nodes()).toEqual([`${survivor} Ready Leader`, 'node1 Ready'])
    expect(await secrets()).toBe('password\n')
  })

  it('is restored from its backup on another machine when no manager is left', async () => {
    doors.remove(...MANAGERS)
    await belt('create', 'spare')
    const restore = ['swarm', 'restore', join(cluster.folder, 'swarm.backup'), 'spare', '--alias', '--yes']
    expect((await cluster.run(restore)).stderr).toContain('--assume-lost')
    const restored = JSON.parse(await belt(...restore, '--assume-lost', 'mg[0:2]', '--json'))
    expect(restored).toMatchObject({ node: 'spare', changed: true, contents: { secrets: ['password'] } })
    expect(await secrets()).toBe('password\n')
    await retry(
      async () =>
        expect(await nodes()).toEqual(expect.arrayContaining(['node1 Ready', 'spare Ready Leader'])),
      { deadlineMs: 120_000, everyMs: 1000 },
    )
  })
})
