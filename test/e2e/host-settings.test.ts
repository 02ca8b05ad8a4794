import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { retry } from '../../src/retry.ts'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'

const engine = await requireEngine()

describe.skipIf(!engine)('settings of hosts', () => {
  let cluster: TestCluster

  beforeAll(async () => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    await cluster.run(['create', 'mg[0:2],node[1:2]'])
    await cluster.run(['swarm', 'init', 'mg0'])
    await cluster.run(['swarm', 'join', '--manager', 'mg0', 'mg[1:2]'])
    await cluster.run(['swarm', 'join', 'mg0', 'node[1:2]'])
  })

  afterAll(() => cluster.destroy())

  it('are shown as they differ, with exit code 7, and left as they are', async () => {
    const before = await cluster.run(['exec', 'node1', '--', 'sysctl', '-n', 'net.ipv4.tcp_keepalive_time'])
    const { stdout, code } = await cluster.run(['tune', '*', '--preset', 'many-connections', '--diff'])
    expect(code).toBe(7)
    expect(stdout).toMatch(/^mg\[0:2\],node\[1:2\] +net\.ipv4\.tcp_keepalive_time +7200 +- +600 +differs$/m)
    const after = await cluster.run(['exec', 'node1', '--', 'sysctl', '-n', 'net.ipv4.tcp_keepalive_time'])
    expect(after.stdout).toBe(before.stdout)
  })

  it('are set live and for the next start, once', async () => {
    const { code } = await cluster.run(['tune', '*', '--preset', 'many-connections'])
    expect(code).toBe(0)
    const read = 'sysctl -n net.ipv4.tcp_keepalive_time; grep keepalive_time /etc/sysctl.d/90-belt.conf'
    expect((await cluster.run(['exec', 'node2', '--shell', read])).stdout).toBe(
      '600\nnet.ipv4.tcp_keepalive_time = 600\n',
    )
    const again = await cluster.run(['tune', '*', '--preset', 'many-connections', '--diff'])
    expect(again.code).toBe(0)
    expect(again.stdout).not.toContain('differs')
  })

  it('are compared with what was written when nothing is wanted, and a machine without any is named', async () => {
    const keepalive = 'net.ipv4.tcp_keepalive_time'
    await cluster.run(['exec', 'node2', '--', 'sysctl', '-w', `${keepalive}=700`])
    const { stdout, code } = await cluster.run(['tune', '*', '--diff'])
    expect(code).toBe(7)
    expect(stdout).toMatch(/^node2 +net\.ipv4\.tcp_keepalive_time +700 +600 +600 +differs$/m)
    await cluster.run([
      'exec',
      'node2',
      '--shell',
      `sysctl -w ${keepalive}=600; mv /etc/sysctl.d/90-belt.conf /root/`,
    ])
    const missing = await cluster.run(['tune', '*', '--diff'])
    expect(missing.code).toBe(0)
    expect(missing.stderr).toContain('node2: no settings were written there')
    await cluster.run(['exec', 'node2', '--shell', 'mv /root/90-belt.conf /etc/sysctl.d/'])
  })

  it('never reach from a container to the machine below it', async () => {
    const before = readFileSync('/proc/sys/fs/inotify/max_user_instances', 'utf8')
    const { stdout, code } = await cluster.run(['tune', 'node1', '--preset', 'large-swarm', '--json'])
    expect(code).toBe(0)
    const [{ keys }] = JSON.parse(stdout) as [{ keys: { key: string; state: string }[] }]
    const stateOf = (key: string) => keys.find(candidate => candidate.key === key)?.state
    expect(stateOf('fs.inotify.max_user_instances')).toBe('unsupported')
    expect(stateOf('net.ipv4.neigh.default.gc_thresh3')).toBe('unsupported')
    expect(stateOf('net.ipv4.ip_local_reserved_ports')).toBe('set')
    expect(readFileSync('/proc/sys/fs/inotify/max_user_instances', 'utf8')).toBe(before)
  })

  it('fail for a host whose file cannot be read, and are set on the others', async () => {
    await cluster.run(['exec', 'node1', '--shell', 'cd /etc/sysctl.d; rm 90-belt.conf; mkdir 90-belt.conf'])
    const { stderr, code } = await cluster.run(['tune', 'node[1:2]', 'net.core.somaxconn=5000'])
    expect(code).toBe(4)
    expect(stderr).toContain('node1: cat: /etc/sysctl.d/90-belt.conf: Is a directory')
    const live = await cluster.run(['exec', 'node2', '--', 'sysctl', '-n', 'net.core.somaxconn'])
    expect(live.stdout).toBe('5000\n')
  })

  it('fail where the kernel refuses a value', async () => {
    const { stderr, stdout, code } = await cluster.run([
      'tune',
      'mg0',
      'net.ipv4.tcp_congestion_control=nosuch',
    ])
    expect(code).toBe(1)
    expect(stderr).toContain('mg0: net.ipv4.tcp_congestion_control cannot be nosuch')
    expect(stdout).toMatch(/refused: \S+/)
  })

  it('include the names of the hosts, which the swarm takes up without a restart', async () => {
    const started = () => cluster.run(['exec', '*', '--', 'pgrep', '-o', 'dockerd'])
    const lines = async () => (await started()).stdout.split('\n').toSorted()
    await cluster.run(['exec', 'node[1:2]', '--', 'sh', '-c', 'hostname ubuntu; echo ubuntu >/etc/hostname'])
    const before = await lines()
    const { stdout, code } = await cluster.run(['hostname', '*'])
    expect(code).toBe(0)
    expect(stdout.split('\n').toSorted()).toEqual(['', 'node1', 'node2'])
    expect(await lines()).toEqual(before)
    const names = await cluster.run(['docker', 'node', 'ls', '--format', '{{.Hostname}}'])
    expect(names.stdout.trim().split('\n').toSorted()).toEqual(['mg0', 'mg1', 'mg2', 'node1', 'node2'])
    const kept = await cluster.run(['exec', 'node1', '--', 'cat', '/etc/hostname'])
    expect(kept.stdout).toBe('node1\n')
  })

  it('restart just the engines that keep an old name, workers first, and unlock a manager', async () => {
    const belt = (...args: string[]) => cluster.succeed(args)
    const format = '{{.Hostname}} {{.Status}} {{.ManagerStatus}}'
    const nodes = async () =>
      (await belt('docker', 'node', 'ls', '--format', format)).split('\n').filter(Boolean).toSorted()
    const before = await nodes()
    // In a namespace of its own an engine does not see that its host is renamed.
    const keepName = `service docker stop; unshare --uts sh -c 'hostname ubuntu; service docker start'`
    await belt('exec', 'mg1,node1', '--shell', keepName)
    await retry(
      async () =>
        expect(await nodes()).toEqual(
          before.map(line => line.replace(/^(mg1|node1) /, 'ubuntu ')).toSorted(),
        ),
      { deadlineMs: 90_000, everyMs: 1000 },
    )
    const file = join(cluster.folder, 'unlock.key')
    await belt('swarm', 'update', '--autolock', '--unlock-key-file', file)
    const ended = await cluster.run(['hostname', '@all', '--restart', '--yes', '--json'])
    expect(JSON.parse(ended.stdout)).toMatchObject({ renamed: [], restarted: ['mg1', 'node1'], failed: [] })
    expect(ended.stderr).not.toContain(readFileSync(file, 'utf8').trim())
    await retry(async () => expect(await nodes()).toEqual(before), { deadlineMs: 90_000, everyMs: 1000 })
  })
})
