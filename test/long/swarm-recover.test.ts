import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { retry } from '../../src/retry.ts'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'
import { MachineDoors } from '../support/machine-doors.ts'

const engine = await requireEngine()

describe.skipIf(!engine)('recovery of a swarm that lost its quorum', () => {
  let cluster: TestCluster
  let doors: MachineDoors

  const belt = (...args: string[]) => cluster.succeed(args)
  const leads = (machine: string) =>
    doors.exec(machine, 'docker node ls --format "{{.Self}} {{.ManagerStatus}}"').includes('true Leader')

  beforeAll(async () => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '', BELT_LOCK_WAIT: '2m' })
    doors = new MachineDoors(cluster, engine?.host ?? '')
    await belt('create', 'mg[0:3],node1')
    await belt('swarm', 'init', 'mg0')
    await belt('swarm', 'join', '--manager', 'mg0', 'mg[1:3]')
    await belt('swarm', 'join', 'mg0', 'node1')
  })

  afterAll(() => cluster.destroy())

  it('is refused while the quorum is there', async () => {
    const { code, stderr } = await cluster.run(['swarm', 'recover', '--yes'])
    expect(code).toBe(3)
    expect(stderr).toContain(`the quorum of ${cluster.name} is not lost: mg0 takes decisions`)
  })

  it('chooses the manager that heard of the most decisions, which no leader need tell', async () => {
    doors.freeze('mg3')
    for (const name of ['one', 'two', 'three']) doors.exec('mg0', `echo x | docker config create ${name} -`)
    doors.kill('mg0', 'mg1')
    doors.thaw('mg3')
    const plan = await retry(
      async () => {
        const { plan } = JSON.parse(await belt('swarm', 'recover', '--dry-run', '--json'))
        return plan
      },
      { deadlineMs: 90_000, everyMs: 2000 },
    )
    expect(plan).toMatchObject({
      kind: 'force',
      manager: 'mg2',
      lost: expect.arrayContaining([
        expect.objectContaining({ name: 'mg0', why: 'its machine is off' }),
        expect.objectContaining({ name: 'mg1' }),
      ]),
    })
    const [first, second] = plan.survivors
    expect([first.name, second.name]).toEqual(['mg2', 'mg3'])
    expect(first.progress.commit).toBeGreaterThanOrEqual(second.progress.commit + 3)
    expect(leads.bind(undefined, 'mg2')).toThrow('does not have a leader')
  })

  it('is refused where a manager lives that Belt cannot reach, even when it is called lost', async () => {
    doors.exec('mg3', 'pkill -x sshd')
    const unknown = await cluster.run(['swarm', 'recover', '--yes'])
    expect(unknown.code).toBe(3)
    expect(unknown.stderr).toContain('--assume-lost mg3')
    const alive = await cluster.run(['swarm', 'recover', '--assume-lost', 'mg3', '--yes'])
    expect(alive.code).toBe(3)
    expect(alive.stderr).toContain('mg3 is not lost: mg2 reaches a manager at')
    doors.exec('mg3', '/usr/sbin/sshd')
  })

  it('is finished by a second run, when the first dies behind the point of no return', async () => {
    const first = await cluster.run(['swarm', 'recover', '--yes'], {
      onStart: async child => {
        await retry(async () => expect(leads('mg2')).toBe(true), { deadlineMs: 120_000, everyMs: 200 })
        child.kill('SIGKILL')
      },
    })
    expect(first.code).toBe(137)
    // A lock that nobody renews lapses first, and a former manager may have to be joined anew.
    const second = await cluster.succeed(['swarm', 'recover', '--yes', '--json'], { deadlineMs: 400_000 })
    const { recovered } = JSON.parse(second)
    expect(recovered).toMatchObject({
      manager: 'mg2',
      rejoined: expect.any(Array),
      removed: expect.arrayContaining([{ name: 'mg0' }, { name: 'mg1' }]),
      workers: { back: ['node1'], missing: [] },
    })
    const listed = await belt(
      'docker',
      'node',
      'ls',
      '--format',
      '{{.Hostname}} {{.Status}} {{.ManagerStatus}}',
    )
    expect(listed).toBe('mg2 Ready Leader\nmg3 Ready Reachable\nnode1 Ready \n')
    expect(await belt('docker', 'config', 'ls', '--format', '{{.Name}}')).toBe('one\nthree\ntwo\n')
    expect(await belt('active')).toContain('mg2')
  })

  it('has nothing left to do afterwards', async () => {
    expect((await cluster.run(['swarm', 'recover', '--yes'])).code).toBe(3)
  })

  it('is refused with autolock, and says what helps', async () => {
    await belt('swarm', 'update', '--autolock', '--unlock-key-file', 'key.txt')
    doors.kill('mg3')
    const refused = await retry(
      async () => {
        const ended = await cluster.run(['swarm', 'recover', '--yes'])
        expect(ended.stderr).toContain('has autolock on')
        return ended
      },
      { deadlineMs: 90_000, everyMs: 2000 },
    )
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain('belt swarm restore FILE NODE --unlock-key-file FILE')
  })
})
