import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { retry } from '../../src/retry.ts'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'
import { provideTinyImage, sleeper } from '../support/tiny-image.ts'

const engine = await requireEngine()

/** Gives an engine a GPU, and restarts it. */
const ADD_GPU = `mkdir -p /etc/docker && echo '{"node-generic-resources":["gpu=g1"]}' >/etc/docker/daemon.json && service docker restart`

describe.skipIf(!engine)('what belt says beforehand, and what the engine then does', () => {
  let cluster: TestCluster

  const belt = (...args: string[]) => cluster.succeed(args)
  const docker = (...args: string[]) =>
    execFileSync('docker', args, { env: { ...process.env, DOCKER_HOST: engine?.host ?? '' } })
      .toString()
      .trim()
  const until = (check: () => Promise<void>) => retry(check, { deadlineMs: 60_000, everyMs: 1000 })
  const forecast = async (name: string) => (await cluster.run(['swarm', 'drain', name, '--dry-run'])).stderr
  const status = async () => (await cluster.run(['swarm', 'status'])).stdout
  const running = (service: string, count = '1/1') =>
    until(async () =>
      expect(await belt('docker', 'service', 'ls', '--filter', `name=${service}`)).toContain(` ${count}`),
    )
  const rmService = (name: string) => belt('docker', 'service', 'rm', name)

  beforeAll(async () => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    await belt('create', 'mg0,node[1:2]')
    await belt('exec', 'node1', '--shell', ADD_GPU)
    await belt('swarm', 'init', 'mg0')
    await belt('swarm', 'join', 'mg0', 'node[1:2]')
    await provideTinyImage(cluster)
  })

  afterAll(() => cluster.destroy())

  it('a generic resource that only one node has', async () => {
    await belt(...sleeper('gpu', '--generic-resource', 'gpu=1'))
    await running('gpu')
    expect(await forecast('node1')).toContain('gpu cannot run on other nodes')
    const { code, stderr } = await cluster.run(['swarm', 'drain', 'node1', '--timeout', '6s'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/gpu lacks 1 of 1 tasks elsewhere \(no suitable node \(insufficient resources/)
    await rmService('gpu')
  })

  it('a network in a constraint that other nodes are in, too', async () => {
    const address = (await belt('ip', 'node1')).trim()
    const network = `${address.split('.').slice(0, 2).join('.')}.0.0/16`
    await belt(
      ...sleeper('near', '--constraint', `node.ip==${network}`, '--constraint', 'node.role!=manager'),
    )
    await running('near')
    const on = (await belt('docker', 'service', 'ps', 'near', '--format', '{{.Node}}')).trim()
    expect(await forecast(on)).not.toContain('cannot run on other nodes')
    await belt('swarm', 'drain', on)
    await belt('swarm', 'activate', on)
    await rmService('near')
  })

  it('jobs, which a drain does not stop', async () => {
    const create = ['docker', 'service', 'create', '--detach', '--no-resolve-image', '--mode', 'global-job']
    await belt(...create, '--name', 'backup', 'tiny', '/bin/sleep', '1000')
    await running('backup', '3/3')
    expect(await forecast('node1')).toContain('backup is a job: a drain does not stop its task')
    const { code, stderr } = await cluster.run(['swarm', 'drain', 'node1', '--timeout', '5s'])
    expect(code).toBe(1)
    expect(stderr).toContain('1 task of backup still runs there (a job, which a drain does not stop)')
    const upgrade = await cluster.run(['upgrade', 'workers', 'node1', '--reboot', '--dry-run'])
    expect(upgrade.code).toBe(3)
    expect(upgrade.stderr).toContain('backup is a job')
    await rmService('backup')
    // The engine leaves the tasks of a removed job alone, and so does a drain.
    const removed = await cluster.run(['swarm', 'drain', 'node1', '--timeout', '5s'])
    expect(removed.stderr).toContain('1 task of removed services still runs there')
    expect(removed.stderr).toContain('docker rm --force')
    const containers = 'docker ps -q --filter label=com.docker.swarm.service.name=backup'
    await belt('exec', '*', '--shell', `${containers} | xargs -r docker rm --force`)
  })

  it('containers that no service started, before they stay and before they are lost', async () => {
    const run = 'docker volume create pgdata; docker run -d --restart always --name pg tiny /bin/sleep 1000'
    await belt('exec', 'node1', '--shell', run)
    expect(await forecast('node1')).toContain('node1 keeps running what no service started: pg\n')
    const removal = await cluster.run(['swarm', 'remove', 'node1', '--destroy'])
    expect(removal.code).not.toBe(0) // it was not confirmed
    expect(removal.stderr).toContain(
      'lost with node1: containers that no service started (pg), volumes (pgdata)\n',
    )
    await belt('exec', 'node1', '--', 'docker', 'rm', '--force', 'pg')
  })

  it('a node whose address changed, which no manager would reach', async () => {
    const machine = ['--filter', `label=belt.cluster=${cluster.name}`, '--filter', 'label=belt.machine=node1']
    const id = docker('ps', '-q', ...machine)
    const networks = '{{range $name, $net := .NetworkSettings.Networks}}{{$name}} {{$net.IPAddress}}{{end}}'
    const [network = '', address = ''] = docker('inspect', id, '--format', networks).split(' ')
    const move = (to: string) => {
      docker('network', 'disconnect', network, id)
      docker('network', 'connect', '--ip', to, network, id)
      return until(async () => expect(await status()).toMatch(/^node1 +active +active +ready /m))
    }
    await move(`${address.split('.').slice(0, 3).join('.')}.201`)
    const { code, stderr } = await cluster.run(['swarm', 'promote', 'node1'])
    expect(code).toBe(3)
    expect(stderr).toContain(
      `node1 cannot become a manager: it advertises ${address}, an address that it has no more`,
    )
    await move(address)
  })

  it('a machine that is a copy of a member', async () => {
    await belt('swarm', 'remove', 'node2', '--yes')
    const copy = [
      `belt exec node1 --shell 'service docker stop; tar -C /var/lib/docker -cf /tmp/swarm.tar swarm; service docker start'`,
      'belt cp node1:/tmp/swarm.tar fetched',
      'belt cp fetched/node1-swarm.tar node2:/tmp/swarm.tar',
      `belt exec node2 --shell 'service docker stop; rm -rf /var/lib/docker/swarm; tar -C /var/lib/docker -xf /tmp/swarm.tar; service docker start'`,
    ]
    for (const line of copy) expect(await cluster.shell(line)).toMatchObject({ code: 0 })
    await until(async () => {
      const shown = await status()
      expect(shown).toContain(': degraded\n')
      expect(shown).toMatch(/^node1: shared-node \(it is the same node as node2/m)
      expect(shown).toMatch(/^node2: shared-node \(it is the same node as node1/m)
    })
    for (const name of ['node1', 'node2']) {
      const { code, stderr } = await cluster.run(['swarm', 'drain', name])
      expect(code).toBe(3)
      expect(stderr).toContain('node[1:2] are one node of the swarm: one of them is a copy')
    }
  })
})
