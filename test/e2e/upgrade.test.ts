import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { retry } from '../../src/retry.ts'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'
import { watchManagers, watchService } from '../support/swarm-clients.ts'

const engine = await requireEngine()

const MANAGERS = ['mg0', 'mg1', 'mg2']
const PORT = 8080

describe.skipIf(!engine)('upgrading a swarm of three managers and four workers', { timeout: 600_000 }, () => {
  let cluster: TestCluster

  const belt = (...args: string[]) => cluster.succeed(args)
  const shape = () => cluster.shape()
  const status = async () => JSON.parse((await cluster.run(['swarm', 'status', '--json'])).stdout)

  beforeAll(async () => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    await cluster.formSwarm(4)
    await belt('exec', '*', '--shell', 'tar -C / -c bin/busybox | docker import - busybox >/dev/null')
    const host = `mode=host,target=${PORT},published=${PORT}`
    await belt(
      ...['docker', 'service', 'create', '--detach', '--no-resolve-image', '--name', 'web'],
      ...['--replicas', '4', '--constraint', 'node.role==worker', '--publish', host],
      ...['busybox', '/bin/busybox', 'httpd', '-f', '-p', String(PORT), '-h', '/bin'],
    )
    await retry(async () => expect(await belt('docker', 'service', 'ls')).toContain('4/4'), {
      deadlineMs: 60_000,
      everyMs: 500,
    })
    await belt('swarm', 'drain', 'mg1')
    await belt('swarm', 'label', 'mg1', 'zone=a')
  })

  afterAll(() => cluster.destroy())

  it('says with --dry-run what it would do, the leader last, and changes nothing', async () => {
    const before = await shape()
    expect(await belt('upgrade', 'managers', '--reboot', '--dry-run')).toBe(
      [
        'mg1: reboot, wait until it is back',
        'mg2: drain, reboot, wait until it is back, set to active again',
        'mg0: drain, demote, reboot, wait until it is back, promote, set to active again',
        '',
      ].join('\n'),
    )
    expect(await shape()).toEqual(before)
  })

  it('reboots all managers without a refused request, and leaves each as it was', async () => {
    const before = await shape()
    const addresses = await Promise.all(['node1', 'node2', 'node3', 'node4'].map(name => belt('ip', name)))
    const stopClient = watchService(addresses.map(address => `http://${address.trim()}:${PORT}/busybox`))
    const stopLister = watchManagers(
      engine?.host ?? '',
      MANAGERS.map(name => `belt.${cluster.name}.${name}`),
    )
    const options = { deadlineMs: 500_000 }
    const { code, stdout, stderr } = await cluster.run(['upgrade', 'managers', '--reboot'], options)
    const [client, lister] = await Promise.all([stopClient(), stopLister()])
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe('mg1: upgraded\nmg2: upgraded\nmg0: upgraded\n')
    expect(await shape()).toEqual(before)
    process.stderr.write(
      `requests refused: ${client.refused} of ${client.asked}; longest time without an answer to docker node ls: ${(lister.longestGapMs / 1000).toFixed(1)} s\n`,
    )
    expect(client.asked).toBeGreaterThan(50)
    expect(client.refused).toBe(0)
    // A leader that is stopped instead of demoted leaves the managers without one for about 20 s.
    expect(lister.longestGapMs).toBeLessThan(15_000)
    expect((await status()).group).toEqual({ managers: 3, reachable: 3 })
  })

  it('upgrades workers in waves, with the services where there is room', async () => {
    const before = await shape()
    const out = await belt(
      'upgrade',
      'workers',
      '--command',
      'sleep 1',
      '--max-unavailable',
      '50%',
      '--allow-downtime',
    )
    expect(out.trim().split('\n').toSorted()).toEqual(
      ['node1', 'node2', 'node3', 'node4'].map(name => `${name}: upgraded`),
    )
    expect(await shape()).toEqual(before)
    await retry(async () => expect(await belt('docker', 'service', 'ls')).toContain('4/4'), {
      deadlineMs: 30_000,
      everyMs: 500,
    })
  })
})
