import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.ts'
import {
  type EmulatedCloud,
  type EmulatedDroplets,
  emulatedDroplets,
  emulatedInstances,
} from '../support/emulated-clouds.ts'
import { requireEngine } from '../support/engine.ts'
import { RECORD_PROGRAMS, recordedPrograms } from '../support/program-recorder.ts'

const NO_DOCKER = '#!/bin/sh\nmv /usr/bin/docker /usr/bin/docker.away\n'
const BRING_DOCKER_BACK = ['--', 'mv', '/usr/bin/docker.away', '/usr/bin/docker']

/** Where SSH answers at public addresses, which are translated. */
const SSH_PORT = 22_023

const engine = await requireEngine()

describe.skipIf(!engine)('droplets that join at their first start', () => {
  let droplets: EmulatedDroplets
  let cluster: TestCluster

  const belt = (...args: string[]) => cluster.run(args)
  const token = async () => (await belt('swarm', 'token')).stdout.trim()
  const workers = async () => {
    const { stdout } = await belt('docker', 'node', 'ls', '--format', '{{.Hostname}} {{.Status}}')
    return stdout.trim().split('\n').sort()
  }

  beforeAll(async () => {
    droplets = await emulatedDroplets(engine?.host ?? '')
    cluster = droplets.cluster
    droplets.backing.imageScripts = [RECORD_PROGRAMS]
    expect((await belt('create', 'mg0')).code).toBe(0)
    expect((await belt('swarm', 'init', 'mg0')).code).toBe(0)
  })

  afterAll(async () => {
    await droplets.close()
    expect(droplets.emulator.violations).toEqual([])
  })

  it('become workers without one word over SSH, with a token that is worth nothing afterwards', async () => {
    const before = await token()
    // Without a PATH Belt starts no program here that could show the token.
    const create = ['create', '--join', 'worker', 'node[1:3]']
    const { code, stdout, stderr } = await cluster.run(create, { env: { PATH: '' } })
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    for (const name of ['node1', 'node2', 'node3'])
      expect(stdout).toMatch(new RegExp(`^${name}: This node joined a swarm as a worker\\.$`, 'm'))
    expect(await workers()).toEqual(['mg0 Ready', 'node1 Ready', 'node2 Ready', 'node3 Ready'])
    expect(readFileSync(join(cluster.folder, '.belt', cluster.name, 'known_hosts'), 'utf8')).not.toContain(
      'node',
    )
    const programs = await recordedPrograms(cluster, 'mg0,node[1:3]')
    expect(programs.match(/docker system dial-stdio$/gm)?.length).toBeGreaterThanOrEqual(3)
    expect(programs).not.toContain(before)
    expect(await token()).not.toBe(before)
    const order = droplets.emulator.requests(/^POST .v2.droplets$/).at(-1)?.body as { user_data: string }
    expect(order.user_data).toContain(before)
    expect(`${stdout}${stderr}`).not.toContain('SWMTKN')
    await belt('exec', 'node1', '--', 'docker', 'swarm', 'leave')
    const address = (await belt('ip', 'mg0')).stdout.trim()
    const stale = ['docker', 'swarm', 'join', '--token', before, `${address}:2377`]
    expect((await belt('exec', 'node1', '--', ...stale)).stderr).toContain('A valid join token is necessary')
    expect((await belt('swarm', 'join', 'mg0', 'node1')).code).toBe(0)
  })

  it('is complete when run again', async () => {
    const { code, stdout } = await belt('create', '--join', 'worker', 'node[1:3]', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      existing: ['node1', 'node2', 'node3'],
      failed: [],
      joined: ['node1', 'node2', 'node3'],
      tokenReplaced: false,
    })
  })

  it('tells which was not seen by the deadline, and leaves it to @failed', async () => {
    const before = await token()
    droplets.backing.imageScripts = [NO_DOCKER]
    const { code, stderr } = await belt('create', '--join', 'worker', 'node4', '--timeout', '6s')
    expect(code).toBe(1)
    expect(stderr).toContain('node4 was created, but has not joined within 6 s: the managers do not list it')
    expect(stderr).toContain('belt swarm join mg0 node4')
    expect(await token()).not.toBe(before)
    expect((await belt('exec', 'node4', ...BRING_DOCKER_BACK)).code).toBe(0)
    expect((await belt('swarm', 'join', 'mg0', '@failed')).code).toBe(0)
    expect(await workers()).toContain('node4 Ready')
  })

  it('leave no usable token when it is interrupted, and are completed over SSH when it is run again', async () => {
    const before = await token()
    const { code, stderr } = await cluster.run(['create', '--join', 'worker', 'node5'], {
      onStart: child =>
        child.stderr?.on(
          'data',
          chunk => String(chunk).includes('Waiting for nodes (1)') && child.kill('SIGINT'),
        ),
    })
    expect(code).toBe(130)
    expect(stderr).toContain('interrupted: created node5; joined so far: none')
    expect(await token()).not.toBe(before)
    expect((await belt('exec', 'node5', ...BRING_DOCKER_BACK)).code).toBe(0)
    const again = await belt('create', '--join', 'worker', 'node5')
    expect({ code: again.code, stderr: again.code === 0 ? '' : again.stderr }).toEqual({
      code: 0,
      stderr: '',
    })
    expect(await workers()).toContain('node5 Ready')
  })

  it('are never managers', async () => {
    const { code, stderr } = await belt('create', '--join', 'manager', 'mg1')
    expect(code).toBe(2)
    expect(stderr).toContain('could take over the swarm')
    expect((await belt('ls')).stdout).not.toContain('mg1')
  })
})

describe.skipIf(!engine)('instances that join at their first start', () => {
  let cloud: EmulatedCloud
  let cluster: TestCluster

  beforeAll(async () => {
    const userData = "  user_data: '#!/bin/sh\n\n    touch /root/of-config'\n"
    cloud = await emulatedInstances(engine?.host ?? '', SSH_PORT, userData)
    cluster = cloud.cluster
    const made = await cluster.run(['create', 'mg0'])
    expect({ code: made.code, stderr: made.code === 0 ? '' : made.stderr }).toEqual({ code: 0, stderr: '' })
    expect((await cluster.run(['swarm', 'init', 'mg0'])).code).toBe(0)
  })

  afterAll(() => cloud.close())

  it('run what the config says as well', async () => {
    const { code, stdout } = await cluster.run(['create', '--join', 'worker', 'node[1:2]', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ failed: [], joined: ['node1', 'node2'], tokenReplaced: true })
    expect((await cluster.run(['exec', 'node[1:2]', '--', 'ls', '/root/of-config'])).code).toBe(0)
  })
})

describe.skipIf(!engine)('machines whose driver runs nothing at their first start', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
  })
  afterAll(() => cluster.destroy())

  it('have no swarm to join before there is one', async () => {
    const { code, stderr } = await cluster.run(['create', '--join', 'worker', 'node1'])
    expect(code).toBe(3)
    expect(stderr).toContain('no swarm to join')
    expect((await cluster.run(['ls', '--json'])).stdout.trim()).toBe('[]')
  })

  it('join over SSH, and Belt says so', async () => {
    await cluster.run(['create', 'mg0'])
    await cluster.run(['swarm', 'init', 'mg0'])
    const { code, stdout, stderr } = await cluster.run(['create', '--join', 'worker', 'node1'])
    expect(stderr).toContain('they join over SSH')
    expect(stdout).toContain('node1: This node joined a swarm as a worker.')
    expect(code).toBe(0)
  })
})
