import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { retry } from '../../src/retry.ts'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'
import { provideTinyImage, sleeper } from '../support/tiny-image.ts'

const engine = await requireEngine()

/** Prints the ids of the containers that services have on a host. */
const TASKS = 'docker ps -q --filter label=com.docker.swarm.task.id'

describe.skipIf(!engine)('changing a running swarm', () => {
  let cluster: TestCluster

  const belt = (...args: string[]) => cluster.succeed(args)
  const status = async () => JSON.parse((await cluster.run(['swarm', 'status', '--json'])).stdout)
  const availabilityOf = async (name: string) =>
    (await belt('docker', 'node', 'inspect', name, '--format', '{{.Spec.Availability}}')).trim()

  beforeAll(async () => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    await cluster.formSwarm(2)
    await provideTinyImage(cluster)
  })

  afterAll(() => cluster.destroy())

  it('shows a healthy swarm, and exits with 0', async () => {
    const out = await belt('swarm', 'status')
    expect(out).toContain(
      `${cluster.name}: healthy\nmanagers: 3 of 3 reachable, may lose 1 more, led by mg0\n`,
    )
    expect(out).toMatch(/^node1 +active +active +ready +worker +active +\S+ +ok$/m)
  })

  it('drains until the containers are gone and as many run elsewhere, and says what has downtime', async () => {
    await belt(...sleeper('web', '--replicas', '4', '--constraint', 'node.role==worker'))
    await belt(...sleeper('db', '--constraint', 'node.hostname==node1'))
    await retry(async () => expect(await belt('docker', 'service', 'ls')).toMatch(/ 1\/1 [\s\S]* 4\/4 /), {
      deadlineMs: 30_000,
      everyMs: 500,
    })
    const ended = await cluster.run(['swarm', 'drain', 'node2'])
    expect(ended.stdout).toBe('node2: drained; it was active\n')
    expect(await belt('exec', 'node2', '--shell', TASKS)).toBe('')
    expect(await belt('docker', 'service', 'ls', '--filter', 'name=web')).toContain('4/4')
    expect(await belt('swarm', 'activate', 'node2')).toBe('node2: active\n')
  })

  it('gives a node back what it had when its drain does not end, with the reason', async () => {
    const { code, stderr } = await cluster.run(['swarm', 'drain', 'node1', '--timeout', '6s'])
    expect(code).toBe(1)
    expect(stderr).toContain('db cannot run on other nodes, so the drain may not finish')
    expect(stderr).toMatch(/db lacks 1 of 1 tasks elsewhere \(no suitable node \(scheduling constraints/)
    expect(stderr).toContain('node1 is active again, as before')
    expect(await availabilityOf('node1')).toBe('active')
  })

  it('drains all managers at once, and no worker', async () => {
    await belt(...sleeper('everywhere', '--replicas', '5', '--replicas-max-per-node', '3'))
    await retry(async () => expect(await belt('exec', 'mg[0:2]', '--shell', TASKS)).not.toBe(''), {
      deadlineMs: 30_000,
      everyMs: 500,
    })
    expect((await belt('swarm', 'drain', '--managers')).split('\n')).toEqual([
      'mg0: drained; it was active',
      'mg1: drained; it was active',
      'mg2: drained; it was active',
      '',
    ])
    expect(await belt('exec', 'mg[0:2]', '--shell', TASKS)).toBe('')
    expect(await availabilityOf('node1')).toBe('active')
    await belt('docker', 'service', 'rm', 'everywhere')
    await belt('swarm', 'activate', '--managers')
    expect(await availabilityOf('mg2')).toBe('active')
  })

  it('demotes the leader, and is done only when its certificate is a worker’s', async () => {
    expect(await belt('swarm', 'demote', 'mg0')).toBe('mg0: is now a worker\n')
    const subject = 'openssl x509 -noout -subject -in /var/lib/docker/swarm/certificates/swarm-node.crt'
    expect(await belt('exec', 'mg0', '--shell', subject)).toContain('swarm-worker')
    const { group, leader, warnings } = await status()
    expect(group).toEqual({ managers: 2, reachable: 2 })
    expect(['mg1', 'mg2']).toContain(leader)
    expect(warnings[0]).toContain('2 managers tolerate the loss of 0')
    expect(await belt('swarm', 'promote', 'mg0')).toBe('mg0: is now a manager\n')
    expect((await status()).group).toEqual({ managers: 3, reachable: 3 })
  })

  it('refuses to demote all managers, and changes none', async () => {
    const { code, stderr } = await cluster.run(['swarm', 'demote', 'mg[0:2]'])
    expect(code).toBe(5)
    expect(stderr).toContain('refused: the last manager cannot be demoted')
    expect((await status()).group).toEqual({ managers: 3, reachable: 3 })
  })

  it('labels nodes', async () => {
    await belt('swarm', 'label', 'node[1:2]', 'zone=a', 'disk=ssd')
    expect(await belt('swarm', 'label', 'node1', 'disk-', 'zone=a')).toBe('node1: disk removed\n')
    const format = '{{.Spec.Labels.zone}} {{.Spec.Labels.disk}}'
    expect(await belt('docker', 'node', 'inspect', 'node2', '--format', format)).toBe('a ssd\n')
  })

  it('makes a new join token, and shows it to nobody else', async () => {
    const token = (await belt('swarm', 'token')).trim()
    const { token: next } = JSON.parse(await belt('swarm', 'token', '--rotate', '--json'))
    expect(next).toMatch(/^SWMTKN-1-/)
    expect(next).not.toBe(token)
  })

  it('turns autolock on with the key in a file only, and off again', async () => {
    const without = await cluster.run(['swarm', 'update', '--autolock'])
    expect(without.code).toBe(2)
    const file = join(cluster.folder, 'unlock.key')
    const ended = await cluster.run(['swarm', 'update', '--autolock', '--unlock-key-file', file, '--debug'])
    const key = readFileSync(file, 'utf8').trim()
    expect(key).toMatch(/^SWMKEY-1-/)
    expect(ended.stdout).toBe('autolock is turned on\n')
    expect(ended.stdout + ended.stderr).not.toContain(key)
    expect(await belt('swarm', 'update', '--no-autolock')).toBe('autolock is turned off\n')
  })
})
