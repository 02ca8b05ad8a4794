import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { retry } from '../../src/retry.ts'
import type { BeltOptions } from '../support/belt.ts'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'
import { provideTinyImage, sleeper } from '../support/tiny-image.ts'

const engine = await requireEngine()

describe.skipIf(!engine)('an upgrade that runs into faults', { timeout: 400_000 }, () => {
  let cluster: TestCluster

  const belt = (...args: string[]) => cluster.succeed(args)
  const docker = (...args: string[]) =>
    execFileSync('docker', args, { env: { ...process.env, DOCKER_HOST: engine?.host ?? '' } }).toString()
  const container = (name: string) => `belt.${cluster.name}.${name}`
  const shape = () => cluster.shape()
  const status = async () => JSON.parse((await cluster.run(['swarm', 'status', '--json'])).stdout)
  const untilHealthy = () =>
    retry(async () => expect(await status()).toMatchObject({ verdict: 'healthy' }), {
      deadlineMs: 90_000,
      everyMs: 1000,
    })
  /** Checks what a fault does, and repairs it in any case: the next test has its own. */
  const withFault = async (check: () => Promise<void>, repair: () => Promise<unknown>) => {
    try {
      await check()
    } finally {
      await repair()
    }
  }
  /** Runs Belt, and does something as soon as it shows a phase. */
  const during = (words: readonly string[], phase: RegExp, act: () => void) => {
    let isDone = false
    const options: BeltOptions = {
      stdin: '',
      onStart: child =>
        child.stderr?.on('data', (chunk: Buffer) => {
          if (isDone || !phase.test(chunk.toString())) return
          isDone = true
          act()
        }),
    }
    return cluster.run(words, options)
  }

  /** The network of a machine, to be cut, and mended with the address that the machine had. */
  const networkOf = (name: string) => {
    const format =
      '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{.IPAMConfig.IPv4Address}}{{end}}'
    const [network = '', address = ''] = docker('inspect', '--format', format, container(name))
      .trim()
      .split(' ')
    return {
      cut: () => docker('network', 'disconnect', network, container(name)),
      mend: () => docker('network', 'connect', '--ip', address, network, container(name)),
    }
  }

  beforeAll(async () => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    await cluster.formSwarm(2)
    await provideTinyImage(cluster)
  })

  afterAll(() => cluster.destroy())

  /** What one test leaves unfinished is no fault of the next. */
  afterEach(async () => {
    await cluster.run(['upgrade', '--abort', '--timeout', '60s'])
  })

  it('refuses a drain that could not end before it touches a node, and proceeds with --allow-downtime', async () => {
    await belt(...sleeper('db', '--constraint', 'node.hostname==node1'))
    await retry(async () => expect(await belt('docker', 'service', 'ls')).toContain('1/1'), {
      deadlineMs: 30_000,
      everyMs: 500,
    })
    const before = await shape()
    const refused = await cluster.run(['upgrade', 'workers', '--command', 'true'])
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain('db cannot run elsewhere: no other node satisfies node.hostname==node1')
    expect(refused.stderr).toContain('--allow-downtime')
    expect(await shape()).toEqual(before)
    expect(await belt('upgrade', 'workers', 'node1', '--command', 'true', '--allow-downtime')).toBe(
      'node1: upgraded\n',
    )
    expect(await shape()).toEqual(before)
    await belt('docker', 'service', 'rm', 'db')
  })

  it('waits with the next manager while another is stopped, and never demotes it', async () => {
    const before = await shape()
    await withFault(
      async () => {
        const ended = await during(
          ['upgrade', 'managers', 'mg[0:1]', '--command', 'sleep 4', '--timeout', '20s'],
          /^mg1: run: sleep 4 \.\.\.$/m,
          () => void docker('stop', '-t', '0', container('mg2')),
        )
        expect(ended.code).not.toBe(0)
        // Seen before mg1 is stopped, or before mg0 is drained.
        expect(ended.stderr).toMatch(/refused: 2 of 3 managers answer|manager mg2 is unreachable/)
        expect(ended.stderr).toContain('belt upgrade --resume')
        expect((await status()).group).toEqual({ managers: 3, reachable: 2 })
        expect(await belt('upgrade')).toMatch(/^mg0 +waiting +manager +active/m)
      },
      async () => docker('start', container('mg2')),
    )
    await untilHealthy()
    expect(await belt('upgrade', '--resume')).toMatch(/^(mg1: upgraded\n)?mg0: upgraded\n$/)
    expect(await shape()).toEqual(before)
  })

  it('stops at an engine that does not come back, and shows its state, its log and how to continue', async () => {
    const before = await shape()
    const breaking = 'service docker stop >/dev/null 2>&1; chmod -x /usr/sbin/dockerd'
    const mending = 'chmod +x /usr/sbin/dockerd; service docker start >/dev/null 2>&1'
    await withFault(
      async () => {
        const words = ['upgrade', 'managers', 'mg1', '--command', breaking, '--timeout', '20s']
        const ended = await cluster.run(words)
        expect(ended.code).toBe(1)
        expect(ended.stderr).toContain(
          'mg1: the upgrade stopped at "wait until it is back": its Docker Engine does not answer',
        )
        expect(ended.stderr).toContain('it was: manager, active')
        // Whoever led has been demoted by then.
        expect(ended.stderr).toMatch(
          /it is: machine active; its engine says unknown .*; the managers say down, (manager|worker), drain/,
        )
        expect(ended.stderr).toMatch(/the last lines of its engine's log:\n {2}\S/)
        expect(ended.stderr).toContain(
          'belt upgrade --resume continues where it stopped; belt upgrade --abort',
        )
      },
      () => belt('exec', 'mg1', '--shell', mending),
    )
    expect(await belt('upgrade', '--abort')).toBe(
      'mg1: role and availability are as before; what was installed stays\n',
    )
    expect(await shape()).toEqual(before)
    await untilHealthy()
  })

  it('stops when the network of a node is cut, and resumes when it is back', async () => {
    const before = await shape()
    const network = networkOf('node1')
    await withFault(
      async () => {
        const ended = await during(
          ['upgrade', 'workers', 'node1', '--command', 'sleep 3', '--timeout', '25s'],
          /^node1: run: sleep 3 \.\.\.$/m,
          () => void network.cut(),
        )
        expect(ended.code).not.toBe(0)
        expect(ended.stderr).toContain('node1: the upgrade stopped at')
      },
      async () => network.mend(),
    )
    await untilHealthy()
    expect(await belt('upgrade', '--resume')).toBe('node1: upgraded\n')
    expect(await shape()).toEqual(before)
  })

  it('stops when the network of a manager is cut, while the others keep their quorum', async () => {
    const before = await shape()
    const network = networkOf('mg1')
    await withFault(
      async () => {
        const ended = await during(
          ['upgrade', 'managers', 'mg1', '--command', 'sleep 3', '--timeout', '25s'],
          /^mg1: run: sleep 3 \.\.\.$/m,
          () => void network.cut(),
        )
        expect(ended.code).not.toBe(0)
        expect(ended.stderr).toContain('mg1: the upgrade stopped at')
        expect(ended.stderr).toContain('it was: manager, active')
        // Whoever led has been demoted by then.
        const { reachable } = (await status()).group
        expect(reachable).toBe(2)
        expect(await belt('upgrade')).toMatch(/^mg1 +(out|coming back) +manager +active/m)
      },
      async () => network.mend(),
    )
    await untilHealthy()
    expect(await belt('upgrade', '--resume')).toBe('mg1: upgraded\n')
    expect(await shape()).toEqual(before)
  })

  it('stops at a drain that does not end in time, reactivates the node, and resumes later', async () => {
    await belt(...sleeper('slow', '--constraint', 'node.role==worker', '--stop-grace-period', '25s'))
    await retry(async () => expect(await belt('docker', 'service', 'ls')).toContain('1/1'), {
      deadlineMs: 30_000,
      everyMs: 500,
    })
    const before = await shape()
    const name = (await belt('docker', 'service', 'ps', 'slow', '--format', '{{.Node}}')).trim()
    const ended = await cluster.run(['upgrade', 'workers', name, '--command', 'true', '--timeout', '6s'])
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain(`${name}: the upgrade stopped at "drain": the drain has not finished`)
    expect(ended.stderr).toContain(`${name} is active again, as before`)
    expect(ended.stderr).toMatch(
      /it is: machine active; its engine says active; the managers say ready, worker, active/,
    )
    expect(await belt('upgrade', '--resume', '--timeout', '90s')).toBe(`${name}: upgraded\n`)
    expect(await shape()).toEqual(before)
    await belt('docker', 'service', 'rm', 'slow')
  })

  it('waits for machines that were made long ago until they have booted', async () => {
    const later = join(cluster.folder, 'later.cjs')
    writeFileSync(later, 'const now = Date.now; Date.now = () => now() + 3_600_000')
    const env = { NODE_OPTIONS: `--require ${later}` }
    const before = await shape()
    await cluster.succeed(['shutdown', 'node2'], { env })
    await cluster.succeed(['start', 'node2'], { env })
    await untilHealthy()
    const out = await cluster.succeed(['upgrade', 'workers', 'node1', '--reboot'], { env })
    expect(out).toBe('node1: upgraded\n')
    expect(await shape()).toEqual(before)
  })

  it.each([
    ['is empty', ['--command', ' '], '--command is empty'],
    ['is empty', ['--size', ''], '--size is empty'],
    ['shows a secret', ['--command', 'API_TOKEN=abcdef12 ./up'], '--command seems to contain a secret'],
  ])('refuses an upgrade that %s', async (_, words, message) => {
    const { code, stderr } = await cluster.run(['upgrade', 'workers', ...words])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) })
    expect(await belt('upgrade')).toBe('no unfinished upgrade\n')
  })

  it('refuses a node with a full disk before it touches any node', async () => {
    const before = await shape()
    const fill = 'dd if=/dev/zero of=/var/lib/docker/fill bs=1M count=100000'
    // A file system of its own inside the machine: the one below it belongs to the whole computer.
    const small = [
      'service docker stop >/dev/null 2>&1; cp -a /var/lib/docker/swarm /tmp/swarm',
      'mount -t tmpfs -o size=320m tmpfs /var/lib/docker && cp -a /tmp/swarm /var/lib/docker/swarm',
      'service docker start >/dev/null 2>&1',
    ].join('; ')
    await belt('exec', 'node2', '--shell', small)
    await untilHealthy()
    const empty = () => belt('exec', 'node2', '--', 'rm', '-f', '/var/lib/docker/fill')
    await cluster.run(['exec', 'node2', '--shell', `${fill} 2>/dev/null`])
    await withFault(async () => {
      const ended = await cluster.run(['upgrade', 'workers', '--command', 'true'])
      expect(ended.code).toBe(3)
      expect(ended.stderr).toMatch(/node2 has 0 MiB of free disk space and needs 256/)
    }, empty)
    await withFault(async () => {
      const full = await cluster.run(['upgrade', 'workers', 'node2', '--command', fill])
      expect(full.code).toBe(1)
      expect(full.stderr).toContain('node2: the upgrade stopped at "run"')
      expect(full.stderr).toContain('No space left on device')
    }, empty)
    await belt('upgrade', '--abort')
    expect(await shape()).toEqual(before)
  })

  it('refuses a node whose clock is wrong', async () => {
    const lie = `mv /bin/date /bin/date.real; printf '#!/bin/sh\\nexec /bin/date.real -d "+10 minutes" "$@"\\n' >/bin/date; chmod +x /bin/date`
    await belt('exec', 'node1', '--shell', lie)
    await withFault(
      async () => {
        const ended = await cluster.run(['upgrade', 'workers', '--command', 'true'])
        expect(ended.code).toBe(3)
        expect(ended.stderr).toMatch(/the clocks differ: node1 by (599|60\d) s/)
      },
      () => belt('exec', 'node1', '--', 'mv', '/bin/date.real', '/bin/date'),
    )
  })

  it('lets one Belt upgrade at a time', async () => {
    let second: ReturnType<TestCluster['run']> | undefined
    const first = await during(
      ['upgrade', 'workers', 'node1', '--command', 'sleep 3'],
      /^node1: run: sleep 3/m,
      () => {
        second = cluster.run(['upgrade', 'workers', 'node2', '--command', 'true'])
      },
    )
    expect(first.code).toBe(0)
    const { code, stderr } = (await second) ?? { code: 0, stderr: '' }
    expect(code).toBe(6)
    expect(stderr).toContain('Command: belt upgrade workers node1')
  })

  it('refuses a second upgrade until the first is finished or aborted', async () => {
    const failing = await cluster.run(['upgrade', 'workers', 'node1', '--command', 'echo broken >&2; exit 3'])
    expect(failing.code).toBe(1)
    expect(failing.stderr).toContain('node1: the upgrade stopped at "run": broken')
    const second = await cluster.run(['upgrade', 'managers', '--command', 'true'])
    expect(second.code).toBe(3)
    expect(second.stderr).toContain('is not finished on node1')
    expect(await belt('upgrade', '--abort')).toBe(
      'node1: role and availability are as before; what was installed stays\n',
    )
  })

  it('upgrades the node that is meant where two have one host name', async () => {
    const before = await shape()
    await belt('exec', 'node2', '--', 'hostname', 'node1')
    await belt('exec', 'node2', '--shell', 'service docker restart >/dev/null 2>&1')
    await retry(
      async () =>
        expect(
          (await belt('docker', 'node', 'ls', '--format', '{{.Hostname}}')).match(/^node1$/gm),
        ).toHaveLength(2),
      { deadlineMs: 30_000, everyMs: 500 },
    )
    await belt('upgrade', 'workers', 'node2', '--command', 'touch /root/here')
    const found = await cluster.run(['exec', 'node[1:2]', '--', 'ls', '/root/here'])
    expect(found.stdout).toBe('node2: /root/here\n')
    await belt('exec', 'node2', '--', 'hostname', 'node2')
    await belt('exec', 'node2', '--shell', 'service docker restart >/dev/null 2>&1')
    await retry(async () => expect(await shape()).toEqual(before), { deadlineMs: 30_000, everyMs: 500 })
  })

  it('leaves a machine of another swarm alone, and says so', async () => {
    await belt('create', 'foreign')
    await belt('exec', 'foreign', '--', 'docker', 'swarm', 'init')
    const named = await cluster.run(['upgrade', 'managers', 'foreign', '--command', 'true'])
    expect(named.code).toBe(3)
    expect(named.stderr).toContain('foreign is not a node of the swarm')
    const plan = await belt('upgrade', 'managers', '--command', 'true', '--dry-run')
    expect(plan).not.toContain('foreign')
    await belt('rm', 'foreign', '--yes')
  })

  it('asks for --allow-outage where two managers are left', async () => {
    await belt('swarm', 'demote', 'mg2')
    const refused = await cluster.run(['upgrade', 'managers', '--reboot'])
    expect(refused.code).toBe(5)
    expect(refused.stderr).toContain('two managers')
    expect(refused.stderr).toContain('--allow-outage')
    const before = await shape()
    const out = await belt('upgrade', 'managers', '--reboot', '--allow-outage')
    expect(out.trim().split('\n')).toHaveLength(2)
    expect(await shape()).toEqual(before)
  })

  it('upgrades the only manager with --allow-outage', async () => {
    await belt('swarm', 'demote', 'mg1')
    const before = await shape()
    expect((await cluster.run(['upgrade', 'managers', '--reboot'])).code).toBe(5)
    expect(await belt('upgrade', 'managers', '--reboot', '--allow-outage')).toMatch(/^mg\d: upgraded\n$/)
    expect(await shape()).toEqual(before)
  })
})
