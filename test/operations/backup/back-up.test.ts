import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { backUp, backUpSwarm, backupName } from '../../../src/operations/backup/back-up.ts'
import { openBackup } from '../../../src/operations/backup/file.ts'
import { planBackup } from '../../../src/operations/backup/plan.ts'
import { withSpool } from '../../../src/spool.ts'
import { FakeDisks, stateArchive } from '../../support/fake-disks.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { nodeKeys } from '../../support/locked-key.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keys = nodeKeys()

async function swarmOfThree({ locked = false } = {}) {
  const swarm = new FakeSwarm()
  const names = ['mg0', 'mg1', 'mg2']
  for (const name of names) swarm.enrol(name, 'manager')
  swarm.autolock = locked
  const disks = new FakeDisks(swarm)
  const copied: string[] = []
  disks.copy = (host, key) => {
    copied.push(`${host} ${key}`.trim())
    return { stdout: stateArchive('cluster-one', `id-${host}`, locked ? keys.locked : keys.open) }
  }
  const controller = new AbortController()
  const fleet = fakeFleet(new FakeDriver().with(...names), name => swarm.host(name), {
    signal: controller.signal,
  })
  const path = join(await temporaryFolder(), 'prod.belt-backup')
  const run = async (backTimeoutMs?: number) =>
    backUp(fleet, await planBackup(fleet, false), path, { backTimeoutMs })
  return { swarm, disks, fleet, copied, controller, path, run }
}

describe('a backup', () => {
  it('describes the swarm in its manifest', async () => {
    const { path, run, copied } = await swarmOfThree()
    const manifest = await run()
    expect(manifest).toMatchObject({
      cluster: 'prod',
      clusterId: 'cluster-one',
      engineVersion: '20.10.24',
      node: { id: 'id-mg1', name: 'mg1', address: '10.0.0.2' },
      managers: [{ id: 'id-mg0' }, { id: 'id-mg1' }, { id: 'id-mg2' }],
      contents: { services: ['web'], secrets: ['password'], configs: ['settings'] },
      autolock: false,
    })
    expect((await withSpool(spool => openBackup(path, spool))).manifest).toEqual(manifest)
    expect(copied).toEqual(['mg1'])
  })

  it('lists only contents that existed before and after the copy', async () => {
    const { disks, run } = await swarmOfThree()
    const { contents, copy } = disks
    disks.copy = (host, key) => {
      disks.contents = { ...contents, services: ['web', 'late'], secrets: [] }
      return copy(host, key)
    }
    expect((await run()).contents).toEqual({ ...contents, secrets: [] })
  })

  it('of a swarm with autolock passes the unlock key to the engine only', async () => {
    const { swarm, run, copied } = await swarmOfThree({ locked: true })
    const manifest = await run()
    expect(manifest.autolock).toBe(true)
    expect(copied).toEqual(['mg1 SWMKEY-1-secret'])
    expect(JSON.stringify(manifest)).not.toContain('SWMKEY')
    expect(swarm.host('mg1').lines.join()).not.toContain('SWMKEY')
  })

  it('that fails leaves no file, and its manager is back in the swarm', async () => {
    const { disks, path, run } = await swarmOfThree()
    disks.copy = () => ({ code: 1, stderr: 'tar: no space left\n' })
    await expect(run()).rejects.toMatchObject({
      code: 'backup-failed',
      message: 'no backup was made; mg1 is back in the swarm: mg1: tar: no space left',
    })
    expect(existsSync(path)).toBe(false)
  })

  it('starts the engine if the host did not', async () => {
    const { swarm, disks, run } = await swarmOfThree()
    disks.copy = host => {
      swarm.deadEngines.add(host)
      return { code: 1, stderr: 'killed\n' }
    }
    await expect(run()).rejects.toMatchObject({ code: 'backup-failed' })
    expect(swarm.deadEngines.size).toBe(0)
    expect(swarm.host('mg1').requests.at(-1)).toBe('GET /info')
  })

  it('is kept if its manager is not back in time, and the error names the file', async () => {
    const { swarm, disks, path, run } = await swarmOfThree()
    const { copy } = disks
    disks.copy = (host, key) => {
      swarm.change('id-mg1', { reachability: 'unreachable' })
      return copy(host, key)
    }
    await expect(run(1)).rejects.toMatchObject({
      code: 'engine-not-back',
      host: 'mg1',
      message: expect.stringContaining('mg1 is not back in the swarm'),
      hint: expect.stringContaining(`the backup was created anyway: ${path}`),
      details: { file: path },
    })
    expect((await withSpool(spool => openBackup(path, spool))).manifest).toMatchObject({
      clusterId: 'cluster-one',
    })
  })

  it('that fails reports first that its manager is not back', async () => {
    const { swarm, disks, path, run } = await swarmOfThree()
    disks.copy = () => {
      swarm.change('id-mg1', { reachability: 'unreachable' })
      return { code: 1, stderr: 'tar: no space left\n' }
    }
    await expect(run(1)).rejects.toMatchObject({ code: 'engine-not-back' })
    expect(existsSync(path)).toBe(false)
  })

  it('that is interrupted leaves no file', async () => {
    const { disks, controller, path, run } = await swarmOfThree()
    const copy = disks.copy
    disks.copy = (host, key) => {
      controller.abort(new Error('interrupted'))
      return copy(host, key)
    }
    await expect(run()).rejects.toThrow('interrupted')
    expect(existsSync(path)).toBe(false)
  })

  it('is rejected if the archive belongs to another node', async () => {
    const { disks, path, run } = await swarmOfThree()
    disks.copy = () => ({ stdout: stateArchive('cluster-two', 'id-mg1', keys.open) })
    await expect(run()).rejects.toThrow('its archive belongs to another node than its manifest says')
    expect(existsSync(path)).toBe(false)
  })

  it('is named after its cluster and its time', () => {
    expect(backupName('prod', new Date('2026-03-01T08:00:00.123Z'))).toBe('prod-20260301T080000Z.belt-backup')
  })
})

describe('backUpSwarm', () => {
  it('shows the plan before the engine is stopped, and says where the backup is', async () => {
    const { fleet, copied, path } = await swarmOfThree()
    const shown: unknown[] = []
    const made = await backUpSwarm(fleet, { path, allowOutage: false }, plan =>
      shown.push(plan.source.machine.name, [...copied]),
    )
    expect(shown).toEqual(['mg1', []])
    expect(made).toMatchObject({ file: path, manifest: { cluster: 'prod' } })
    expect(copied).toEqual(['mg1'])
  })

  it('does not say that an engine is stopped if a check fails before', async () => {
    const { swarm, fleet, copied, path } = await swarmOfThree()
    swarm.also = (_name, line) =>
      line.startsWith('docker service ls') ? { code: 1, stderr: 'the swarm has no leader\n' } : undefined
    const shown: unknown[] = []
    await expect(
      backUpSwarm(fleet, { path, allowOutage: false }, plan => shown.push(plan)),
    ).rejects.toMatchObject({ code: 'remote-command-failed' })
    expect({ shown, copied }).toEqual({ shown: [], copied: [] })
  })

  it('stops no engine for a file that exists already', async () => {
    const { fleet, copied, path } = await swarmOfThree()
    writeFileSync(path, 'an older backup')
    const shown: unknown[] = []
    await expect(
      backUpSwarm(fleet, { path, allowOutage: false }, plan => shown.push(plan)),
    ).rejects.toMatchObject({ code: 'no-place-for-backup', exitCode: 2 })
    expect({ shown, copied }).toEqual({ shown: [], copied: [] })
  })
})
