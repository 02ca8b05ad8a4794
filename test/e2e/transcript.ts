import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Workplace } from '../support/belt.ts'
import { makeKey } from '../support/cluster.ts'

/** What the transcript needs to know of a driver; every other word is the same for all of them. */
export interface TranscriptDriver {
  /** The word behind `--driver`. */
  readonly name: string
  readonly region: string
  /** The driver's options for the config without a folder of its own. */
  readonly yaml: string
  /** Prepares what the driver talks to, for a user with this public key. */
  setUp(publicKey: string): Promise<{ env: Record<string, string>; tearDown(): Promise<void> }>
}

const row = (...cells: (string | RegExp)[]) =>
  new RegExp(`^${cells.map(cell => (typeof cell === 'string' ? cell : cell.source)).join(' +')}$`, 'm')
const ADDRESS = /\d+\.\d+\.\d+\.\d+/

/** Runs every line of the transcript in the README's order, on machines of one driver. */
export function transcript(driver: TranscriptDriver): void {
  const cluster = `t${Date.now().toString(36)}`
  let place: Workplace
  let vendor: Awaited<ReturnType<TranscriptDriver['setUp']>>

  beforeAll(async () => {
    const key = new Workplace()
    place = key
    makeKey(join(key.folder, 'key'))
    vendor = await driver.setUp(readFileSync(join(key.folder, 'key.pub'), 'utf8').trim())
    Object.assign(place.env, vendor.env)
  })

  afterAll(async () => {
    await place.run(['rm', '*', '--yes'])
    await vendor.tearDown()
    place.remove()
  })

  async function belt(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await place.run(args)
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    return stdout
  }

  it('belt cluster new writes a commented config that only the user can read', async () => {
    await belt('cluster', 'new', '--driver', driver.name, cluster)
    const path = join(place.folder, '.belt', cluster, 'config.yml')
    expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`^${driver.name}:$`, 'm'))
    expect(readFileSync(path, 'utf8')).toMatch(/^ *# /m)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('belt cluster ls shows a cluster without machines', async () => {
    const out = await belt('cluster', 'ls')
    expect(out).toMatch(row('CLUSTER', 'ACTIVE', 'LEADER', 'MANAGERS', 'MACHINES'))
    expect(out).toMatch(row(cluster, '-', '-', '-', '0 / 0'))
  })

  it('belt use makes it the active cluster', async () => {
    expect(await belt('use', cluster)).toBe(`${cluster}\n`)
    expect(await belt('use')).toBe(`${cluster}\n`)
  })

  it('belt cluster update shows what it changes and keeps the comments', async () => {
    const path = join(place.folder, '.belt', cluster, 'config.yml')
    const comments = readFileSync(path, 'utf8').match(/^ *#(?! region:).*$/gm)
    const out = await belt('cluster', 'update', `region=${driver.region}`, 'ssh.private_key=../../key')
    expect(out).toMatch(new RegExp(`^\\+ *region: ${driver.region}$`, 'm'))
    expect(readFileSync(path, 'utf8').match(/^ *#.*$/gm)).toEqual(expect.arrayContaining(comments ?? []))
  })

  it('belt cluster config shows what is in effect, the environment included', async () => {
    const variable = `${driver.name.toUpperCase()}_REGION`
    const { stdout } = await place.run(['cluster', 'config'], { env: { [variable]: 'elsewhere' } })
    expect(stdout).toContain('region: elsewhere')
    expect(stdout).toContain(variable)
  })

  it('belt create makes machines that answer', async () => {
    const out = await belt('create', '1gb', 'mg[0:2]')
    expect(out).toMatch(row('NAME', 'ADDRESS', 'MEMORY', 'REGION', 'IMAGE', 'STATUS'))
    for (const name of ['mg0', 'mg1', 'mg2'])
      expect(out).toMatch(row(name, ADDRESS, '1gb', driver.region, /\S+/, 'active'))
  })

  it('belt status --wait ends when the condition is met', async () => {
    const out = await belt('status', '--wait', 'active=3')
    expect(out).toMatch(row('STATUS', 'MACHINES', 'NAMES'))
    expect(out).toMatch(row('active', '3', 'mg\\[0:2\\]'))
  })

  it('belt active chooses the host to talk to', async () => {
    expect(await belt('active', 'mg0')).toBe(`${cluster}/mg0\n`)
    expect(await belt('active')).toBe(`${cluster}/mg0\n`)
  })

  it('belt docker swarm init starts the swarm', async () => {
    const { code, stdout } = await place.shell('belt docker swarm init --advertise-addr "$(belt ip mg0)"')
    expect(stdout).toContain('Swarm initialized')
    expect(code).toBe(0)
  })

  it('belt --host NODES docker joins two managers at once, each line led by its name', async () => {
    const { code, stdout, stderr } = await place.shell(
      `token=$(belt docker swarm join-token -q manager); belt --host 'mg[1:2]' docker swarm join --token "$token" "$(belt ip mg0):2377"`,
    )
    expect(stderr).toMatch(/^2 of 2 succeeded in .+\n$/)
    expect(stdout).toMatch(/^mg1: This node joined a swarm as a manager\.$/m)
    expect(stdout).toMatch(/^mg2: This node joined a swarm as a manager\.$/m)
    expect(code).toBe(0)
  })

  it('belt create and ls show the workers beside the managers', async () => {
    const { code, stdout } = await place.shell("belt create 512mb 'node[1:4]' >/dev/null && belt ls")
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(8)
    expect(stdout).toMatch(row('node4', ADDRESS, '512mb', driver.region, /\S+/, 'active'))
  })

  it('belt swarm join makes workers of them', async () => {
    const out = await belt('swarm', 'join', 'mg0', 'node[1:4]')
    for (const name of ['node1', 'node2', 'node3', 'node4'])
      expect(out).toMatch(new RegExp(`^${name}: This node joined a swarm as a worker\\.$`, 'm'))
  })

  it('belt docker node ls shows three managers and four workers, all ready', async () => {
    const out = await belt('docker', 'node', 'ls', '--format', '{{.Status}} {{.ManagerStatus}}')
    const rows = out.split('\n').map(line => line.trim())
    expect(rows.filter(line => line !== '').toSorted()).toEqual([
      ...['Ready', 'Ready', 'Ready', 'Ready'],
      ...['Ready Leader', 'Ready Reachable', 'Ready Reachable'],
    ])
  })

  it('belt cluster ls shows leader and managers', async () => {
    expect(await belt('cluster', 'ls')).toMatch(row(cluster, 'mg0', 'mg0', 'mg0, mg1, mg2', '7 / 7'))
  })

  it('belt docker service create, scale and ls run a service', async () => {
    await belt('exec', '*', '--shell', 'tar -C / -c bin/busybox | docker import - hello >/dev/null')
    const create = ['service', 'create', '--name', 'web', '--replicas', '2', '--no-resolve-image', '--quiet']
    await belt('docker', ...create, 'hello', '/bin/busybox', 'sleep', '100000')
    await belt('docker', 'service', 'scale', 'web=4')
    expect(await belt('docker', 'service', 'ls', '--format', '{{.Name}} {{.Replicas}}')).toBe('web 4/4\n')
  })

  it('belt --host talks to another host', async () => {
    const containers = await belt('--host', 'node2', 'docker', 'ps', '--format', '{{.Image}}')
    const tasks = await belt('docker', 'node', 'ps', 'node2', '--filter', 'desired-state=running', '-q')
    expect(containers.split('\n')).toHaveLength(tasks.split('\n').length)
  })

  it('belt ip, exec and ssh reach single hosts', async () => {
    expect(await belt('ip', 'node2')).toMatch(/^\d+\.\d+\.\d+\.\d+\n$/)
    expect((await belt('exec', 'node[1:4]', '--', 'uptime')).trim().split('\n').toSorted()).toEqual([
      expect.stringMatching(/^node1: .*load average/),
      expect.stringMatching(/^node2: .*load average/),
      expect.stringMatching(/^node3: .*load average/),
      expect.stringMatching(/^node4: .*load average/),
    ])
    const { stdout } = await place.run(['ssh', 'node1'], { stdin: 'hostname; exit 7\n' })
    expect(stdout).toBe('node1\n')
  })

  it('belt rm refuses without a question it could ask, and names what it would destroy', async () => {
    const { code, stderr } = await place.run(['rm', 'node[3:4]'])
    expect(code).toBe(2)
    expect(stderr).toContain('Destroy node3, node4')
    expect(stderr).toContain('--yes')
    expect(await belt('ls')).toContain('node4')
  })

  it('belt rm asks on a terminal, and no means no', async () => {
    const { code, stdout } = await place.terminal(['rm', 'node[3:4]'], { stdin: 'n\n' })
    expect(stdout).toContain('Destroy node3, node4')
    expect(code).toBe(130)
    expect(await belt('ls')).toContain('node4')
  })

  it('belt rm destroys with --yes', async () => {
    await belt('rm', 'node[3:4]', '--yes')
    const out = await belt('ls')
    expect(out).not.toContain('node3')
    expect(out).not.toContain('node4')
    expect(out).toContain('node2')
  })

  it('works the same with a bare .belt.yaml', async () => {
    const bare = new Workplace(vendor.env)
    try {
      copyFileSync(join(place.folder, 'key'), join(bare.folder, 'key'))
      copyFileSync(join(place.folder, 'key.pub'), join(bare.folder, 'key.pub'))
      const name = `${cluster}b`
      const text = `name: ${name}\n${driver.name}:\n${driver.yaml}ssh:\n  private_key: key\n`
      writeFileSync(join(bare.folder, '.belt.yaml'), text, { mode: 0o600 })
      const { code, stdout, stderr } = await bare.shell(
        "belt use; belt create 'mg[0:1]'; belt swarm init mg0; belt swarm join mg0 mg1; belt active; belt docker node ls -q | wc -l",
      )
      expect(stderr).not.toMatch(/^belt:/m)
      expect(stdout).toMatch(new RegExp(`^${name}$`, 'm'))
      expect(stdout).toMatch(/mg0: started a swarm, advertising \d/)
      expect(stdout).toMatch(/mg1: This node joined a swarm as a worker\./)
      expect(stdout).toMatch(new RegExp(`^${name}/mg0\n2$`, 'm'))
      expect(code).toBe(0)
    } finally {
      await bare.run(['rm', '*', '--yes'])
      bare.remove()
    }
  })
}
