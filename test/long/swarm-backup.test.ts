import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandLine } from '../../src/remote/command.ts'
import { forceNewClusterCommand } from '../../src/remote/swarm-state.ts'
import { retry } from '../../src/retry.ts'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'
import { MachineDoors } from '../support/machine-doors.ts'

const engine = await requireEngine()

describe.skipIf(!engine)('backup and restore of a swarm', () => {
  let cluster: TestCluster
  let doors: MachineDoors
  const file = (name: string) => join(cluster.folder, name)

  const belt = (...args: string[]) => cluster.succeed(args)
  const nodes = async () =>
    (await belt('docker', 'node', 'ls', '--format', '{{.Hostname}} {{.Status}} {{.ManagerStatus}}'))
      .split('\n')
      .map(line => line.trim())
      .filter(Boolean)
  const leftOn = (machine: string) => doors.exec(machine, 'ls /var/lib/docker | grep belt- || true')
  const verifications = async () => {
    const line = 'docker ps -aq --filter name=belt.verify-; docker network ls -q --filter name=belt-verify-'
    return (await cluster.shell(line)).stdout
  }

  beforeAll(async () => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    doors = new MachineDoors(cluster, engine?.host ?? '')
    await belt('create', 'mg[0:2],node1')
    await belt('swarm', 'init', 'mg0')
    await belt('swarm', 'join', '--manager', 'mg0', 'mg[1:2]')
    await belt('swarm', 'join', 'mg0', 'node1')
    await belt('docker', 'network', 'create', '--driver', 'overlay', 'inner')
    await cluster.shell(
      'echo hush | belt docker secret create password -; echo port=1 | belt docker config create settings -',
    )
    await belt(
      'docker',
      'service',
      'create',
      '--detach',
      '--no-resolve-image',
      '--replicas',
      '0',
      '--name',
      'web',
      '--secret',
      'password',
      '--config',
      'settings',
      '--network',
      'inner',
      'tiny',
    )
  })

  afterAll(() => cluster.destroy())

  it('is taken from a manager that does not lead, which takes part again, and holds what the swarm holds', async () => {
    const { manifest } = JSON.parse(await belt('swarm', 'backup', '--out', 'first.belt-backup', '--json'))
    expect(manifest).toMatchObject({
      cluster: cluster.name,
      node: { name: 'mg1' },
      contents: {
        services: ['web'],
        secrets: ['password'],
        configs: ['settings'],
        networks: ['ingress', 'inner'],
        nodes: ['mg0', 'mg1', 'mg2', 'node1'],
      },
      autolock: false,
    })
    expect(manifest.managers).toHaveLength(3)
    expect(statSync(file('first.belt-backup')).mode & 0o777).toBe(0o600)
    expect(await nodes()).toEqual([
      'mg0 Ready Leader',
      'mg1 Ready Reachable',
      'mg2 Ready Reachable',
      'node1 Ready',
    ])
    expect(leftOn('mg1')).toBe('')
  })

  it('starts the engine again by itself, when Belt goes silent in the middle and then is killed', async () => {
    let seen = false
    const ended = await cluster.run(['swarm', 'backup', '--out', 'second.belt-backup'], {
      onStart: async child => {
        while (child.exitCode === null && doors.engineRuns('mg1')) await sleep(50)
        seen = child.exitCode === null
        child.kill('SIGSTOP')
        await retry(async () => expect(doors.engineRuns('mg1')).toBe(true), {
          deadlineMs: 60_000,
          everyMs: 200,
        })
        child.kill('SIGKILL')
      },
    })
    expect({ seen, code: ended.code }).toEqual({ seen: true, code: 137 })
    expect(existsSync(file('second.belt-backup'))).toBe(false)
    await retry(async () => expect((await nodes())[1]).toBe('mg1 Ready Reachable'), {
      deadlineMs: 60_000,
      everyMs: 1000,
    })
    await retry(async () => expect(leftOn('mg1')).toBe(''), { deadlineMs: 60_000, everyMs: 1000 })
    await belt('lock', 'release', '--yes')
  })

  it('starts the engine again first, when it is interrupted', async () => {
    const ended = await cluster.run(['swarm', 'backup', '--out', 'third.belt-backup'], {
      onStart: async child => {
        while (child.exitCode === null && doors.engineRuns('mg1')) await sleep(50)
        child.kill('SIGINT')
      },
    })
    expect({ code: ended.code, stderr: ended.stderr }).toMatchObject({ code: 130 })
    expect((await nodes())[1]).toBe('mg1 Ready Reachable')
    expect(existsSync(file('third.belt-backup'))).toBe(false)
  })

  it('is verified by a restore on a machine that is gone afterwards, and so is what a killed one left', async () => {
    const verify = ['swarm', 'backup', 'verify', 'first.belt-backup', '--json']
    const killed = await cluster.run(verify, {
      onStart: async child => {
        await retry(async () => expect(await verifications()).not.toBe(''), {
          deadlineMs: 60_000,
          everyMs: 100,
        })
        child.kill('SIGKILL')
      },
    })
    expect(killed.code).toBe(137)
    const { stdout, stderr } = await cluster.run(verify)
    expect(JSON.parse(stdout).contents).toMatchObject({
      services: ['web'],
      secrets: ['password'],
      configs: ['settings'],
    })
    expect(stderr).toContain('removed the leftovers of a killed verification')
    expect(await verifications()).toBe('')
  })

  it('is refused when it was damaged, before anything is made', async () => {
    writeFileSync(file('damaged'), readFileSync(file('first.belt-backup')).fill(1, 60_000, 60_100))
    const { code, stderr } = await cluster.run(['swarm', 'backup', 'verify', 'damaged'])
    expect(code).toBe(3)
    expect(stderr).toContain('damaged is not a complete backup: its checksum does not match its manifest')
    expect(stderr).not.toContain('Creating machines')
  })

  it('is not restored while managers live', async () => {
    const alive = await cluster.run(['swarm', 'restore', 'first.belt-backup', 'node1', '--yes'])
    expect(alive.code).toBe(3)
    expect(alive.stderr).toContain('mg0, mg1, mg2 are still managers of the swarm')
  })

  it('is not restored while managers live that are no machines of the cluster', async () => {
    const address = (await belt('ip', 'node1')).trim()
    doors.kill('mg1')
    cluster.configure(`static:\n  hosts:\n    - { name: node1, address: ${address} }\n`)
    const restore = ['swarm', 'restore', 'first.belt-backup', 'node1', '--alias', '--yes']
    const forgotten = await cluster.run([...restore, '--assume-lost', 'mg[0:2]'])
    const mistyped = await cluster.run([...restore, '--assume-lost', 'mgr0'])
    cluster.configure('docker:\n  size: 512mb\n')
    expect(forgotten.code).toBe(3)
    expect(forgotten.stderr).toMatch(/mg[02] \(\S+\) is not lost: node1 reaches a manager at \S+:2377/)
    expect(mistyped.code).toBe(2)
  })

  it('is not restored while a manager cannot be asked', async () => {
    doors.remove('mg1', 'mg2')
    doors.exec('mg0', 'pkill -x sshd; service docker stop')
    const unknown = await cluster.run(['swarm', 'restore', 'first.belt-backup', 'node1', '--alias', '--yes'])
    expect(unknown.code).toBe(3)
    expect(unknown.stderr).toContain('mg0: it does not answer')
    doors.remove('mg0')
  })

  it('is no empty swarm where there is no state', async () => {
    await belt('create', 'spare')
    const line = commandLine(forceNewClusterCommand('10.0.0.1'))
    expect(() => doors.exec('spare', line)).toThrow('an empty swarm would be started')
    expect(doors.exec('spare', 'docker info --format {{.Swarm.LocalNodeState}}')).toBe('inactive')
  })

  it('comes back on another machine, with the old address, and its workers with it', async () => {
    const wrong = await cluster.run(['swarm', 'restore', 'first.belt-backup', 'spare', '--yes'])
    expect(wrong.code).toBe(3)
    expect(wrong.stderr).toContain('spare does not have the address')
    const restore = ['swarm', 'restore', 'first.belt-backup', 'spare', '--alias', '--yes', '--json']
    const unknown = await cluster.run(restore)
    expect(unknown.code).toBe(3)
    expect(unknown.stderr).toContain('managers of the swarm')
    expect(unknown.stderr).toContain('--assume-lost')
    const planned = JSON.parse(await belt(...restore, '--assume-lost', 'mg[0:2]', '--dry-run'))
    expect(planned).toMatchObject({ plan: { node: 'spare', alias: true, changes: true } })
    expect(doors.exec('spare', 'docker info --format {{.Swarm.LocalNodeState}}')).toBe('inactive')
    const restored = JSON.parse(await belt(...restore, '--assume-lost', 'mg[0:2]'))
    expect(restored).toMatchObject({ node: 'spare', changed: true, contents: { services: ['web'] } })
    expect(await belt('docker', 'service', 'ls', '--format', '{{.Name}} {{.Replicas}}')).toBe('web 0/0\n')
    await retry(
      async () =>
        expect(await nodes()).toEqual(expect.arrayContaining(['node1 Ready', 'spare Ready Leader'])),
      { deadlineMs: 120_000, everyMs: 2000 },
    )
  })

  it('changes nothing when it is restored a second time', async () => {
    const again = JSON.parse(await belt('swarm', 'restore', 'first.belt-backup', 'spare', '--yes', '--json'))
    expect(again).toMatchObject({ node: 'spare', changed: false })
  })

  it('lets go of the old managers with the command that it names', async () => {
    const { stdout } = await cluster.run(['swarm', 'restore', 'first.belt-backup', 'spare', '--yes'])
    const named = /belt (swarm remove --unreachable .+)/.exec(stdout)?.[1]?.split(' ') ?? []
    expect(named).toHaveLength(5)
    await belt(...named, '--yes')
    expect(await nodes()).toEqual(['node1 Ready', 'spare Ready Leader'])
  })

  it('of the only manager needs leave for an outage', async () => {
    const { code, stderr } = await cluster.run(['swarm', 'backup', '--out', 'only.belt-backup'])
    expect(code).toBe(5)
    expect(stderr).toContain('spare is the only manager')
    expect(doors.engineRuns('spare')).toBe(true)
  })

  it('of a swarm with autolock comes back unlocked, and is of use only with its key', async () => {
    await belt('swarm', 'update', '--autolock', '--unlock-key-file', 'key.txt')
    const { manifest } = JSON.parse(
      await belt('swarm', 'backup', '--allow-outage', '--out', 'locked.belt-backup', '--json'),
    )
    expect(manifest.autolock).toBe(true)
    expect(await nodes()).toEqual(expect.arrayContaining(['spare Ready Leader']))
    const without = await cluster.run(['swarm', 'backup', 'verify', 'locked.belt-backup'])
    expect(without.code).toBe(3)
    expect(without.stderr).toContain('--unlock-key-file')
    const key = readFileSync(file('key.txt'), 'utf8').trim()
    const verified = await belt(
      'swarm',
      'backup',
      'verify',
      'locked.belt-backup',
      '--unlock-key-file',
      'key.txt',
      '--json',
    )
    expect(JSON.parse(verified).contents.secrets).toEqual(['password'])
    expect(verified).not.toContain(key)
  })
})
