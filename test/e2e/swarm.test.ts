import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'
import { RECORD_PROGRAMS, recordedPrograms } from '../support/program-recorder.ts'

const engine = await requireEngine()

describe.skipIf(!engine)('forming a swarm', () => {
  let cluster: TestCluster
  let foreign: TestCluster

  beforeAll(async () => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    foreign = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    for (const file of ['key', 'key.pub'])
      copyFileSync(join(cluster.folder, file), join(foreign.folder, file))
    await Promise.all([cluster.run(['create', 'mg[0:2],node[1:2]']), foreign.run(['create', 'mg0'])])
  })

  afterAll(async () => {
    await cluster.destroy()
    await foreign.destroy()
  })

  it('starts on the named machine, with its private address, and makes it the active host', async () => {
    const address = (await cluster.run(['ip', 'mg0', '--private'])).stdout
    const { stdout, code } = await cluster.run(['swarm', 'init', 'mg0'])
    expect(stdout).toBe(`mg0: started a swarm, advertising ${address}`)
    expect(code).toBe(0)
    expect((await cluster.run(['active'])).stdout).toBe(`${cluster.name}/mg0\n`)
  })

  it('is harmless when run again', async () => {
    const before = (await cluster.run(['docker', 'node', 'ls', '-q'])).stdout
    const { stdout, code } = await cluster.run(['swarm', 'init', 'mg0'])
    expect(stdout).toMatch(/^mg0: is a manager already/)
    expect(code).toBe(0)
    expect((await cluster.run(['docker', 'node', 'ls', '-q'])).stdout).toBe(before)
  })

  it('refuses a second swarm in the same cluster', async () => {
    const { stderr, code } = await cluster.run(['swarm', 'init', 'mg1'])
    expect(stderr).toMatch(/mg0 .*swarm already/)
    expect(code).toBe(3)
    expect(
      (await cluster.run(['--host', 'mg1', 'docker', 'info', '--format', '{{.Swarm.LocalNodeState}}']))
        .stdout,
    ).toBe('inactive\n')
  })

  it('joins managers one at a time', async () => {
    const { stdout, code } = await cluster.run(['swarm', 'join', '--manager', 'mg0', 'mg[1:2]'])
    expect(stdout).toBe(
      'mg1: This node joined a swarm as a manager.\nmg2: This node joined a swarm as a manager.\n',
    )
    expect(code).toBe(0)
    const { stdout: managers } = await cluster.run(['docker', 'node', 'ls', '--format', '{{.ManagerStatus}}'])
    expect(managers.trim().split('\n').toSorted()).toEqual(['Leader', 'Reachable', 'Reachable'])
  })

  it('joins workers, and takes those that are members already for joined', async () => {
    await cluster.run(['swarm', 'join', 'mg0', 'node1'])
    const { stdout, code } = await cluster.run(['swarm', 'join', 'mg0', 'node[1:2]'])
    expect(stdout).toContain('node1: This node belongs to this swarm as a worker already.')
    expect(stdout).toContain('node2: This node joined a swarm as a worker.')
    expect(code).toBe(0)
  })

  it('never shows the join token to those who list processes on the host', async () => {
    await cluster.run(['exec', 'node2', '--shell', RECORD_PROGRAMS])
    await cluster.run(['exec', 'node2', '--', 'docker', 'swarm', 'leave'])
    await cluster.run(['exec', 'node2', '--', 'true', 'SWMTKN-0-shown'])
    expect((await cluster.run(['swarm', 'join', 'mg0', 'node2'])).code).toBe(0)
    const programs = await recordedPrograms(cluster, 'node2')
    expect(programs).toMatch(/^bash -c exec \/bin\/sh -c .*exec true SWMTKN-0-shown'$/m)
    expect(programs).toMatch(/^bash -c exec \/bin\/sh -c .*exec docker swarm leave'$/m)
    expect(programs).toMatch(/^docker swarm leave$/m)
    expect(programs).not.toMatch(/SWMTKN-1/)
  })

  it('refuses a machine of another swarm, and says which', async () => {
    await foreign.run(['swarm', 'init', 'mg0'])
    const address = (await foreign.run(['ip', 'mg0'])).stdout.trim()
    const id = (await foreign.run(['docker', 'info', '--format', '{{.Swarm.Cluster.ID}}'])).stdout.trim()
    cluster.configure(
      `static:\n  hosts:\n    - { name: stranger, address: ${address} }\n    - { name: mg0, address: ${(await cluster.run(['ip', 'mg0'])).stdout.trim()} }\n`,
    )
    const { stderr, code } = await cluster.run(['swarm', 'join', 'mg0', 'stranger'])
    cluster.configure('docker:\n  size: 512mb\n')
    expect(code).toBe(3)
    expect(stderr).toContain(`stranger belongs to another swarm: ${id}`)
  })

  it('refuses to remove so many managers that the quorum is lost', async () => {
    const { stderr, code } = await cluster.run(['rm', 'mg[1:2]', '--yes'])
    expect(code).toBe(5)
    expect(stderr).toContain('3 of 3 managers answer, 2 of them would go, and the swarm needs 2')
    expect((await cluster.run(['docker', 'node', 'ls', '-q'])).code).toBe(0)
  })

  it('selects by role', async () => {
    const { stdout } = await cluster.run(['ls', '@managers', '--json'])
    expect((JSON.parse(stdout) as { name: string }[]).map(machine => machine.name)).toEqual([
      'mg0',
      'mg1',
      'mg2',
    ])
    const workers = await cluster.run(['exec', '@workers', '--', 'hostname'])
    expect(workers.stdout.trim().split('\n').toSorted()).toEqual(['node1: node1', 'node2: node2'])
  })
})
