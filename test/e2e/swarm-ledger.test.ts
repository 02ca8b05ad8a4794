import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { retry } from '../../src/retry.ts'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'

const engine = await requireEngine()

describe.skipIf(!engine)('what belt swarm status finds wrong, and what mends it', () => {
  let cluster: TestCluster

  const belt = (...args: string[]) => cluster.succeed(args)
  const docker = (...args: string[]) =>
    execFileSync('docker', args, { env: { ...process.env, DOCKER_HOST: engine?.host ?? '' } })
      .toString()
      .trim()
  const rows = async () => {
    const { stdout } = await cluster.run(['swarm', 'status', '--json'])
    return (JSON.parse(stdout) as { rows: { name: string; class: string; mend?: string; nodeId?: string }[] })
      .rows
  }
  /** Waits until the status shows these classes, by name. */
  const shows = (expected: Record<string, string>) =>
    retry(
      async () => {
        const found = await rows()
        const classes = found.map(row => `${row.name} ${row.class}`)
        expect(classes).toEqual(
          expect.arrayContaining(Object.entries(expected).map(([name, kind]) => `${name} ${kind}`)),
        )
        return found
      },
      { deadlineMs: 60_000, everyMs: 1000 },
    )

  beforeAll(async () => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    await belt('create', 'mg0,node[1:2]')
    await belt('swarm', 'init', 'mg0')
    await belt('swarm', 'join', 'mg0', 'node[1:2]')
  })

  afterAll(() => cluster.destroy())

  it('a name that two nodes bear', async () => {
    await belt('exec', 'node2', '--', 'hostname', 'node1')
    const found = await shows({ node1: 'duplicate-hostname', node2: 'duplicate-hostname' })
    expect(found.find(row => row.name === 'node2')?.mend).toBe('belt hostname node2')
    await belt('hostname', 'node2')
    await shows({ node1: 'ok', node2: 'ok' })
  })

  it('a node whose network is cut, until it is back', async () => {
    const machine = ['--filter', `label=belt.cluster=${cluster.name}`, '--filter', 'label=belt.machine=node1']
    const id = docker('ps', '-q', ...machine)
    const networks = '{{range $name, $net := .NetworkSettings.Networks}}{{$name}} {{$net.IPAddress}}{{end}}'
    const [network = '', address = ''] = docker('inspect', id, '--format', networks).split(' ')
    docker('network', 'disconnect', network, id)
    await shows({ node1: 'unreachable', node2: 'ok' })
    docker('network', 'connect', '--ip', address, network, id)
    await shows({ node1: 'ok' })
  })

  it('a host in another swarm, and the ghost that it left', async () => {
    await belt('exec', 'node2', '--shell', 'docker swarm leave && docker swarm init >/dev/null')
    await retry(async () => expect((await rows()).map(row => row.class)).toContain('ghost'), {
      deadlineMs: 60_000,
      everyMs: 1000,
    })
    const found = await shows({ mg0: 'ok', node1: 'ok', node2: 'wrong-swarm' })
    const ghost = found.find(row => row.class === 'ghost')
    expect(ghost?.mend).toBe(`belt swarm remove --unreachable ${ghost?.nodeId}`)
    expect(found.find(row => row.class === 'wrong-swarm')?.mend).toMatch(/belt swarm leave node2 --force$/)
    await belt('swarm', 'leave', 'node2', '--force', '--yes')
    await belt('swarm', 'remove', '--unreachable', ghost?.nodeId ?? '', '--yes')
    await belt('swarm', 'join', 'mg0', 'node2')
    await shows({ mg0: 'ok', node1: 'ok', node2: 'ok' })
    expect((await cluster.run(['swarm', 'status'])).code).toBe(0)
  })
})
