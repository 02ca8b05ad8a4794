import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'
import { EngineRepository, NEWER_ENGINE } from '../support/engine-repository.ts'
import { killedAfter } from '../support/killed-upgrade.ts'

const engine = await requireEngine()

const MANAGERS = ['mg0', 'mg1', 'mg2']

describe.skipIf(!engine)('an upgrade of three managers', { timeout: 600_000 }, () => {
  let cluster: TestCluster

  const belt = (...args: string[]) => cluster.succeed(args, { deadlineMs: 400_000 })
  const shape = () => cluster.shape()
  const status = async () => JSON.parse((await cluster.run(['swarm', 'status', '--json'])).stdout)

  beforeAll(async () => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    await cluster.formSwarm(2)
    await belt('swarm', 'drain', 'mg1')
    await belt('swarm', 'label', 'mg1', 'zone=a')
  })

  afterAll(() => cluster.destroy())

  it('is resumed wherever it was killed, even from another working copy', async () => {
    const before = await shape()
    const other = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    try {
      for (const file of ['.belt.yaml', 'key', 'key.pub'])
        await cluster.shell(`cp '${join(cluster.folder, file)}' '${join(other.folder, file)}'`)
      let words = ['upgrade', 'managers', '--command', 'echo once >>/root/upgraded']
      let kills = 0
      for (const place of Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? cluster : other))) {
        const { code, stderr } = await killedAfter(place, words, kills + 1)
        if (code === 0) break
        expect({ code, stderr: code === 137 ? '' : stderr }).toEqual({ code: 137, stderr: '' })
        kills += 1
        words = ['upgrade', '--resume']
        await place.run(['lock', 'release', '--yes'])
      }
      expect(kills).toBeGreaterThan(5)
      expect(await shape()).toEqual(before)
      const runs = await belt('exec', 'mg[0:2]', '--', 'wc', '-l', '/root/upgraded')
      for (const name of MANAGERS) expect(runs).toMatch(new RegExp(`^${name}: [1-9]`, 'm'))
      expect(await belt('upgrade')).toBe('no unfinished upgrade\n')
    } finally {
      other.remove()
    }
  })

  it('unlocks managers after their restart, and shows the key to nobody', async () => {
    const file = join(cluster.folder, 'unlock.key')
    await belt('swarm', 'update', '--autolock', '--unlock-key-file', file)
    const key = readFileSync(file, 'utf8').trim()
    try {
      const { code, stdout, stderr } = await cluster.run([
        'upgrade',
        'managers',
        'mg2',
        '--reboot',
        '--debug',
      ])
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout + stderr).not.toContain(key)
      expect((await status()).group).toEqual({ managers: 3, reachable: 3 })
    } finally {
      await belt('swarm', 'update', '--no-autolock')
    }
  })

  it('installs a version of the engine, held, on managers and then on workers', async () => {
    const repository = await EngineRepository.start()
    try {
      const missing = await cluster.run(['upgrade', 'managers', '--engine', '28.5.2', '--any-version'])
      expect(missing.code).toBe(3)
      await belt('exec', '*', '--shell', repository.use)
      const unknown = await cluster.run(['upgrade', 'managers', '--engine', '28.5.2'])
      expect(unknown.code).toBe(3)
      expect(unknown.stderr).toContain('mg0: there is no docker.io with the version 28.5.2')
      await belt('upgrade', 'managers', '--engine', NEWER_ENGINE)
      expect(await belt('upgrade', 'managers', '--engine', NEWER_ENGINE)).toBe('')
      await belt('upgrade', 'workers', 'node1', '--engine', NEWER_ENGINE, '--allow-downtime')
      const versions = await belt('docker', 'node', 'ls', '--format', '{{.Hostname}} {{.EngineVersion}}')
      for (const name of [...MANAGERS, 'node1']) expect(versions).toContain(`${name} ${NEWER_ENGINE}`)
      expect(await belt('exec', 'mg1', '--', 'apt-mark', 'showhold')).toBe('docker.io\n')
      const { warnings } = await status()
      expect(warnings).toContainEqual(expect.stringContaining('the engines differ'))
    } finally {
      repository.stop()
    }
  })
})
