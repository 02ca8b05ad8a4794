import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Ended } from '../support/belt.ts'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'

const engine = await requireEngine()

/** A failure that an operator can use: the code, a message, something to do next, and no stack. */
function expectUsable(
  { code, stderr }: Ended,
  expected: { code: number; says: RegExp; hints: RegExp },
): void {
  expect(stderr).toMatch(expected.says)
  expect(stderr).toMatch(expected.hints)
  expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m)
  expect(code).toBe(expected.code)
}

const docker = (...args: string[]) =>
  execFileSync('docker', args, { timeout: 60_000, env: { ...process.env, DOCKER_HOST: engine?.host ?? '' } })
    .toString()
    .trim()

describe.skipIf(!engine)('faults', () => {
  let cluster: TestCluster

  beforeEach(() => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
  })

  afterEach(() => cluster.destroy())

  it('no engine runs', async () => {
    const ended = await cluster.run(['create', 'mg0'], {
      env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' },
    })
    expectUsable(ended, { code: 3, says: /unix:\/\/\/nowhere\/docker\.sock/, hints: /DOCKER_HOST|start/ })
    const listed = await cluster.run(['ls', '--json'], {
      env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' },
    })
    expect(JSON.parse(listed.stdout)).toHaveProperty('error.code')
    expect(listed.code).not.toBe(0)
  })

  it('the image is missing and no registry answers', async () => {
    cluster.configure('docker:\n  size: 512mb\n  base_image: belt.invalid/nothing:here\n')
    const ended = await cluster.run(['create', 'mg0'])
    expectUsable(ended, { code: 3, says: /belt\.invalid\/nothing:here/, hints: /base_image/ })
    cluster.configure('docker:\n  size: 512mb\n')
    expect((await cluster.run(['ls', '--json'])).stdout.trim()).toBe('[]')
  })

  it('no key can log in', async () => {
    writeFileSync(join(cluster.folder, '.belt.yaml'), `name: ${cluster.name}\ndocker: {}\n`, { mode: 0o600 })
    expectUsable(await cluster.run(['create', '512mb', 'mg0']), {
      code: 3,
      says: /no SSH key/,
      hints: /ssh-keygen/,
    })
  })

  it('a name is taken by a container that is not ours', async () => {
    await cluster.run(['create', 'mg0'])
    const name = docker('ps', '--filter', `label=belt.cluster=${cluster.name}`, '--format', '{{.Names}}')
    const image = docker('inspect', name, '--format', '{{.Config.Image}}')
    const taken = name.replace('mg0', 'mg1')
    docker('create', '--name', taken, image)
    try {
      const ended = await cluster.run(['create', 'mg[0:2]'])
      expectUsable(ended, {
        code: 4,
        says: new RegExp(taken.replaceAll('.', '\\.')),
        hints: /docker rm|rename|another/,
      })
      expect(docker('inspect', taken, '--format', '{{.State.Status}}')).toBe('created')
      expect((await cluster.run(['status'])).stdout).toMatch(
        /active +2 +mg\[0,2\]|active +2 +mg0,mg2|active +2/,
      )
    } finally {
      docker('rm', '-v', taken)
    }
  })

  it('an interrupted create shows what exists, is completed by the same command, and makes nothing twice', async () => {
    const ended = await cluster.run(['create', 'n[1:4]'], {
      onStart: child => void interruptWhenSomeExist(cluster, child),
    })
    expectUsable(ended, {
      code: 130,
      says: /interrupted: .* of n\[1:4\]|interrupted: no machine/,
      hints: /belt ls.*belt create/s,
    })
    const half = JSON.parse((await cluster.run(['ls', '--json'])).stdout) as unknown[]
    expect(half.length).toBeLessThanOrEqual(4)
    expect((await cluster.run(['create', 'n[1:4]'])).code).toBe(0)
    expect((await cluster.run(['status'])).stdout).toMatch(/active +4 +n\[1:4\]/)
    expect(docker('ps', '-aq', '--filter', `label=belt.cluster=${cluster.name}`).split('\n')).toHaveLength(4)
  })

  it('an interrupted create is removed by rm', async () => {
    await cluster.run(['create', 'n[1:4]'], { onStart: child => void interruptWhenSomeExist(cluster, child) })
    expect((await cluster.run(['rm', '*', '--yes'])).code).toBe(0)
    expect(docker('ps', '-aq', '--filter', `label=belt.cluster=${cluster.name}`)).toBe('')
    expect(docker('network', 'ls', '-q', '--filter', `label=belt.cluster=${cluster.name}`)).toBe('')
  })

  it('the config is not YAML, or has a key that nobody knows', async () => {
    writeFileSync(join(cluster.folder, '.belt.yaml'), 'docker: {\n')
    expectUsable(await cluster.run(['ls']), {
      code: 2,
      says: /\.belt\.yaml:\d+:\d+/,
      hints: /\.belt\.example\.yaml/,
    })
    writeFileSync(join(cluster.folder, '.belt.yaml'), 'docker:\n  regoin: local\n')
    expectUsable(await cluster.run(['ls']), {
      code: 2,
      says: /\.belt\.yaml:2:3: .*regoin.*region/,
      hints: /./,
    })
  })

  it('no host is active, or the active one is gone', async () => {
    await cluster.run(['create', 'mg0'])
    expectUsable(await cluster.run(['docker', 'ps']), {
      code: 2,
      says: /no active host/,
      hints: /belt active/,
    })
    await cluster.run(['active', 'mg0'])
    docker('rm', '-fv', docker('ps', '-q', '--filter', `label=belt.cluster=${cluster.name}`))
    expectUsable(await cluster.run(['docker', 'ps']), { code: 2, says: /mg0/, hints: /belt active/ })
  })

  it('a host goes down in the middle of a command', async () => {
    await cluster.run(['create', 'mg[0:1]'])
    const [mg0, mg1] = ['mg0', 'mg1'].map(name => containerOf(cluster, name))
    const ended = await cluster.run(
      ['exec', 'mg[0:1]', '--shell', 'touch /begun; until [ -e /go ]; do sleep 0.1; done; echo alive'],
      {
        onStart: async () => {
          for (const id of [mg0, mg1])
            docker('exec', `${id}`, 'sh', '-c', 'until [ -e /begun ]; do sleep 0.1; done')
          docker('kill', `${mg0}`)
          docker('exec', `${mg1}`, 'touch', '/go')
        },
      },
    )
    expect(ended.stdout).toBe('mg1: alive\n')
    expectUsable(ended, { code: 4, says: /^lost \(1\): mg0$/m, hints: /failed on 1 of 2: mg0/ })
  })

  it('a dead host delays and hides nobody', async () => {
    await cluster.run(['create', 'mg[0:2]'])
    docker('stop', '-t', '1', containerOf(cluster, 'mg1'))
    const ended = await cluster.run(['exec', 'mg[0:2]', '--timeout', '10s', '--', 'hostname'])
    expect(ended.stdout.trim().split('\n').toSorted()).toEqual(['mg0: mg0', 'mg2: mg2'])
    expectUsable(ended, { code: 4, says: /^unreachable \(1\): mg1$/m, hints: /failed on 1 of 3: mg1/ })
  })

  it('a changed host key stops that host with both fingerprints, until its machine is removed', async () => {
    await cluster.run(['create', 'mg[0:1]'])
    const rekey = 'rm /etc/ssh/ssh_host_*; ssh-keygen -A >/dev/null; kill -HUP $(cat /run/sshd.pid)'
    await cluster.run(['exec', 'mg0', '--shell', rekey])
    const ended = await cluster.run(['exec', 'mg[0:1]', '--', 'hostname'])
    expect(ended.stdout).toBe('mg1: mg1\n')
    expect(ended.stderr.match(/SHA256:/g)).toHaveLength(2)
    expect(ended.code).toBe(4)
    await cluster.succeed(['rm', 'mg0', '--yes', '--swarm-lost'])
    expect((await cluster.run(['create', 'mg0'])).code).toBe(0)
    expect((await cluster.run(['exec', 'mg0', '--', 'hostname'])).stdout).toBe('mg0\n')
  })

  it('the disk is full while .belt is written', async () => {
    await cluster.run(['create', 'mg0'])
    mkdirSync(join(cluster.folder, '.belt'), { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', join(cluster.folder, '.belt')])
    try {
      const active = join(cluster.folder, '.belt', cluster.name)
      mkdirSync(active)
      writeFileSync(join(active, 'active'), 'old\n')
      try {
        writeFileSync(join(cluster.folder, '.belt', 'filler'), Buffer.alloc(64 * 1024))
      } catch {}
      expectUsable(await cluster.run(['active', 'mg0']), {
        code: 1,
        says: /cannot write .*\.belt/,
        hints: /df -h/,
      })
      expect(readFileSync(join(active, 'active'), 'utf8')).toBe('old\n')
    } finally {
      execFileSync('umount', [join(cluster.folder, '.belt')])
    }
  })

  it('a config that others may read is used with a warning only when it holds a secret', async () => {
    chmodSync(join(cluster.folder, '.belt.yaml'), 0o644)
    const { stderr, code } = await cluster.run(['ls'])
    expect(stderr).not.toContain('warning')
    expect(code).toBe(0)
  })
})

/** The container that is a machine. */
function containerOf(cluster: TestCluster, machine: string): string {
  return docker(
    'ps',
    '-q',
    '--filter',
    `label=belt.machine=${machine}`,
    '--filter',
    `label=belt.cluster=${cluster.name}`,
  )
}

/** Waits until the engine has a machine of the cluster, then presses Ctrl-C. */
async function interruptWhenSomeExist(
  cluster: TestCluster,
  child: { kill(signal: 'SIGINT'): boolean },
): Promise<void> {
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline) {
    if (docker('ps', '-aq', '--filter', `label=belt.cluster=${cluster.name}`) !== '') break
    await sleep(50)
  }
  child.kill('SIGINT')
}
