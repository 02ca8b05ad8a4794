import { appendFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'

const engine = await requireEngine()

/** As on the images of clouds: a user in the group docker, who becomes root without a password. */
const MAKE_USER = [
  'set -e',
  '{ apt-get update -qq && apt-get install -y -qq --no-install-recommends sudo; } >/dev/null 2>&1',
  "useradd -m -s /bin/bash -G docker -p '*' ops",
  "echo 'ops ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ops",
  'cp -r /root/.ssh /home/ops/.ssh',
  'chown -R ops: /home/ops/.ssh',
].join('\n')
/** An idle machine takes 2 s; whoever tries again takes minutes. */
const DENIED_WITHIN_MS = 30_000

describe.skipIf(!engine)('a login user who is not root', () => {
  let cluster: TestCluster
  const belt = (...args: string[]) => cluster.succeed(args)

  beforeAll(async () => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    await belt('create', 'mg[0:2]')
    await belt('exec', '*', '--shell', MAKE_USER)
    appendFileSync(join(cluster.folder, '.belt.yaml'), '  user: ops\n')
  })
  afterAll(() => cluster.destroy())

  it('is who belt exec runs commands as', async () => {
    expect(await belt('exec', 'mg0', '--', 'id', '-un')).toBe('ops\n')
  })

  it('forms a swarm, and changes roles', async () => {
    await belt('swarm', 'init', 'mg0')
    await belt('swarm', 'join', '--manager', 'mg0', 'mg[1:2]')
    expect(await belt('swarm', 'demote', 'mg1')).toContain('mg1: is now a worker')
    expect(await belt('swarm', 'promote', 'mg1')).toContain('mg1: is now a manager')
  })

  it('sets what belongs to root: kernel settings and names', async () => {
    const [key, file] = ['net.ipv4.ip_local_port_range', '/etc/sysctl.d/90-belt.conf']
    expect(await belt('tune', 'mg1', `${key}=1024 65000`)).toMatch(/ set\n/)
    expect(await belt('exec', 'mg1', '--', 'stat', '-c', '%U', file)).toBe('root\n')
    await belt('exec', 'mg1', '--', 'sudo', 'hostname', 'old')
    expect(await belt('hostname', 'mg1')).toBe('mg1\n')
  })

  it('backs up the swarm, and the backup is complete', async () => {
    await belt('swarm', 'backup', '--out', 'state.tar')
    expect(await belt('swarm', 'backup', 'verify', 'state.tar')).toContain('state.tar: OK')
  })

  it('uses the engine through sudo if it is not in the group docker', async () => {
    await belt('exec', '*', '--shell', 'sudo gpasswd --delete ops docker')
    expect(await belt('docker', 'node', 'ls', '--quiet')).toMatch(/^(\S+\n){3}$/)
    await belt('swarm', 'drain', 'mg2')
    await belt('swarm', 'activate', 'mg2')
  })

  it('upgrades a manager', async () => {
    await belt('upgrade', 'managers', 'mg0', '--command', 'id -un >/tmp/upgraded-by', '--yes')
    expect(await belt('exec', 'mg0', '--', 'cat', '/tmp/upgraded-by')).toBe('ops\n')
  })

  it('is refused at once if it may neither use the engine nor become root', async () => {
    await belt('exec', 'mg1', '--', 'sudo', 'rm', '/etc/sudoers.d/ops')
    const { code, stderr } = await cluster.run(['--host', 'mg1', 'docker', 'ps'])
    expect(code).toBe(3)
    expect(stderr).toContain(
      'mg1: ops may not use the engine there: usermod -aG docker ops, or log in as root',
    )
  })

  it('is refused before anything is changed if it may not become root', async () => {
    const script = 'gpasswd --add ops docker; rm -f /etc/sudoers.d/ops'
    await cluster.succeed(['exec', '*', '--shell', script], { env: { BELT_SSH_USER: 'root' } })
    const before = await cluster.shape()
    for (const line of [
      'swarm demote mg2',
      'tune mg2 net.core.somaxconn=5000',
      'swarm backup --out never.tar',
    ]) {
      const { code, stderr } = await cluster.run(line.split(' '), { deadlineMs: DENIED_WITHIN_MS })
      expect(code).toBe(3)
      expect(stderr).toMatch(/^belt: ops@mg\d may not become root \(sudo -n\): log in as root, or allow it$/m)
      expect(stderr).not.toContain('will be stopped')
    }
    expect(await cluster.shape()).toEqual(before)
    expect(existsSync(join(cluster.folder, 'never.tar'))).toBe(false)
  })

  it('leaves the swarm without the rights of root', async () => {
    await belt('swarm', 'leave', 'mg[0:2]', '--force', '--yes')
    expect(await belt('exec', 'mg0', '--', 'id', '-un')).toBe('ops\n')
  })
})
