import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Machine } from '../../../src/drivers/driver.ts'
import { BeltError } from '../../../src/errors.ts'
import { HostError } from '../../../src/hosts/errors.ts'
import { fingerprintOf, writeBackup } from '../../../src/operations/backup/file.ts'
import { restore } from '../../../src/operations/backup/restore.ts'
import { planRestore, type RestoreOptions } from '../../../src/operations/backup/restore-plan.ts'
import { withBackup } from '../../../src/operations/backup/use.ts'
import { silentProgress } from '../../../src/progress.ts'
import { manifestOf } from '../../support/backup.ts'
import { FakeDisks, stateArchive } from '../../support/fake-disks.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { nodeKeys } from '../../support/locked-key.ts'
import { spoolOf } from '../../support/spool.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keys = nodeKeys()

/** A backup of a swarm that had one more manager. */
const OF_TWO = manifestOf({
  managers: [...manifestOf({}).managers, { id: 'id-mg7', hostname: 'mg7', address: '10.0.0.7' }],
})

/** A cluster whose managers are gone, and a backup of one of them. */
async function afterTheFire({ locked = false } = {}) {
  const swarm = new FakeSwarm()
  const disks = new FakeDisks(swarm)
  const driver = new FakeDriver('prod').with('mg0', 'mg1', 'node1')
  for (const name of ['mg0', 'mg1', 'node1']) swarm.host(name)
  const machines = driver.vendor.machinesOf('prod')
  for (const [name, privateAddress] of [
    ['mg0', '10.0.0.1'],
    ['mg1', '10.0.0.9'],
  ] as const)
    machines.set(name, { ...(machines.get(name) as Machine), privateAddress })
  disks.addresses.set('mg0', ['127.0.0.1', '10.0.0.1'])
  disks.addresses.set('mg1', ['127.0.0.1', '10.0.0.9'])
  const notes: string[] = []
  const progress = { ...silentProgress, note: (text: string) => void notes.push(text) }
  const fleet = fakeFleet(driver, name => swarm.host(name), { progress })
  const folder = await temporaryFolder()
  const path = join(folder, 'prod.belt-backup')
  const state = stateArchive('cluster-one', 'id-mg0', locked ? keys.locked : keys.open)
  const archive = await spoolOf(state)
  const manifest = manifestOf({ autolock: locked, archive: await fingerprintOf(archive) })
  const backup = { path, archive, manifest }
  await writeBackup(backup)
  const plan = (options: Partial<RestoreOptions> = {}, manifest = manifestOf({})) =>
    planRestore(fleet, manifest, { name: 'mg0', alias: false, assumeLost: [], ...options })
  const run = (options: Partial<RestoreOptions> = {}, key?: string, signal = fleet.signal) =>
    withBackup(path, key, async backup =>
      restore(
        { ...fleet, signal },
        await planRestore(fleet, backup.manifest, { name: 'mg0', alias: false, assumeLost: [], ...options }),
        backup,
        1,
      ),
    )
  return { swarm, disks, driver, fleet, notes, plan, run, state, backup }
}

describe('a restore is refused', () => {
  it('while another manager of that swarm lives, with or without a leader', async () => {
    const { swarm, plan } = await afterTheFire()
    swarm.enrol('mg1', 'manager')
    for (swarm.leaderless of [false, true])
      await expect(plan()).rejects.toMatchObject({
        code: 'manager-alive',
        exitCode: 3,
        details: { alive: ['mg1'] },
      })
    swarm.set('mg1', { state: 'locked' })
    await expect(plan()).rejects.toMatchObject({ code: 'manager-alive' })
  })

  it('but not because of a worker, or a manager of another swarm', async () => {
    const { swarm, plan } = await afterTheFire()
    swarm.set('node1', { state: 'active', nodeId: 'id-node1', clusterId: 'cluster-one', role: 'worker' })
    swarm.set('mg1', { state: 'active', nodeId: 'x', clusterId: 'cluster-two', role: 'manager' })
    expect(await plan()).toMatchObject({ machine: { name: 'mg0' }, alias: false, done: false })
  })

  it('if the login user of the machine may not become root, or may not read another machine', async () => {
    const { swarm, plan } = await afterTheFire()
    swarm.enrol('mg1', 'manager')
    swarm.host('mg1').deny('engine')
    await expect(plan({ assumeLost: ['mg1'] })).rejects.toMatchObject({ code: 'engine-denied', exitCode: 3 })
    swarm.host('mg0').deny('root')
    await expect(plan()).rejects.toMatchObject({ code: 'root-denied', exitCode: 3 })
  })

  it('while a machine does not answer, unless it is off or assumed lost', async () => {
    const { swarm, driver, fleet, plan } = await afterTheFire()
    swarm.host('mg1').down = new HostError('unreachable', 'mg1', 'mg1: no route to host')
    await expect(plan()).rejects.toMatchObject({
      code: 'unknown-managers',
      exitCode: 3,
      hint: expect.stringContaining('--assume-lost mg1'),
    })
    expect(await plan({ assumeLost: ['mg1'] })).toMatchObject({ off: [] })
    await driver.shutdown((await fleet.driver.list()).filter(({ name }) => name === 'mg1'))
    fleet.machines.forget()
    expect(await plan()).toMatchObject({ off: ['mg1'] })
  })

  it('while a manager in the backup matches no machine, unless it is assumed lost', async () => {
    const { disks, plan } = await afterTheFire()
    await expect(plan({}, OF_TWO)).rejects.toMatchObject({
      code: 'unknown-managers',
      exitCode: 3,
      message: expect.stringContaining('mg7 (10.0.0.7): no machine of prod has the address 10.0.0.7'),
      hint: expect.stringContaining('--assume-lost 10.0.0.7'),
    })
    for (const word of ['mg7', '10.0.0.7', 'id-mg7'])
      expect(await plan({ assumeLost: [word] }, OF_TWO)).toMatchObject({ done: false })
    disks.listening.add('10.0.0.7:2377')
    await expect(plan({ assumeLost: ['mg7'] }, OF_TWO)).rejects.toMatchObject({
      code: 'manager-alive',
      exitCode: 3,
      message: expect.stringContaining('mg0 reaches a manager at 10.0.0.7:2377'),
    })
  })

  it('if another machine takes the address of the old manager, which is not assumed lost', async () => {
    const { driver, plan } = await afterTheFire()
    await driver.destroy((await driver.list()).filter(({ name }) => name === 'mg0'))
    const elsewhere = { name: 'mg1', alias: true }
    await expect(plan(elsewhere)).rejects.toMatchObject({ code: 'unknown-managers' })
    expect(await plan({ ...elsewhere, assumeLost: ['mg0'] })).toMatchObject({ alias: true })
  })

  it('if a worker knows of a manager that joined after the backup', async () => {
    const { swarm, plan } = await afterTheFire()
    const { address } = swarm.enrol('later', 'manager')
    swarm.enrol('node1', 'worker')
    await expect(plan()).rejects.toMatchObject({ code: 'unknown-managers', details: { unknown: [address] } })
    expect(await plan({ assumeLost: [address] })).toMatchObject({ done: false })
  })

  it('if a machine that is assumed lost listens on the manager port', async () => {
    const { swarm, disks, plan } = await afterTheFire()
    swarm.host('mg1').down = new HostError('refused', 'mg1', 'mg1: connection refused')
    disks.listening.add('10.0.0.9:2377')
    await expect(plan({ assumeLost: ['mg1'] })).rejects.toMatchObject({ code: 'manager-alive' })
  })

  it('if --assume-lost names nothing that exists', async () => {
    const { plan } = await afterTheFire()
    await expect(plan({ assumeLost: ['mg7'] })).rejects.toMatchObject({ code: 'not-lost', exitCode: 2 })
    expect(await plan({ assumeLost: ['mg1'] })).toMatchObject({ done: false })
  })

  it('if the machine does not own the old address, or another machine uses it', async () => {
    const { disks, plan } = await afterTheFire()
    await expect(plan({ name: 'mg1' })).rejects.toMatchObject({
      code: 'other-address',
      hint: expect.stringContaining('--alias'),
    })
    expect(await plan({ name: 'mg1', alias: true })).toMatchObject({ alias: true })
    disks.listening.add('10.0.0.1:2377')
    await expect(plan({ name: 'mg1', alias: true })).rejects.toMatchObject({ code: 'address-in-use' })
  })

  it('if the machine is a member of another swarm', async () => {
    const { swarm, plan } = await afterTheFire()
    swarm.set('mg0', { state: 'active', nodeId: 'x', clusterId: 'cluster-two', role: 'manager' })
    await expect(plan()).rejects.toMatchObject({ code: 'already-member', exitCode: 3 })
  })
})

describe('a restore', () => {
  it('copies the state, creates a cluster from it, and makes the machine the active host', async () => {
    const { swarm, disks, fleet, run, state } = await afterTheFire()
    expect(await run()).toMatchObject({ node: 'mg0', changed: true, aside: '/var/lib/docker/swarm.before-1' })
    expect(disks.put.get('mg0')?.equals(state)).toBe(true)
    expect(swarm.leaderless).toBe(false)
    expect(await fleet.activeHost.get()).toBe('mg0')
  })

  it('assigns the old address first, if allowed', async () => {
    const { disks, run } = await afterTheFire()
    await run({ name: 'mg1', alias: true }).catch(() => {})
    expect(disks.addresses.get('mg1')).toContain('10.0.0.1')
    expect(disks.put.has('mg1')).toBe(true)
  })

  it('changes nothing if a manager has come back since the plan, or the machine was replaced', async () => {
    const { swarm, disks, driver, fleet, plan, backup } = await afterTheFire()
    const old = await plan()
    swarm.enrol('mg1', 'manager')
    await expect(restore(fleet, old, backup)).rejects.toMatchObject({ code: 'manager-alive' })
    await swarm.host('mg1').run({ argv: ['docker', 'swarm', 'leave', '--force'] })
    await driver.destroy((await driver.list()).filter(({ name }) => name === 'mg0'))
    driver.with('mg0')
    await expect(restore(fleet, old, backup)).rejects.toMatchObject({
      code: 'changed-meanwhile',
      exitCode: 3,
    })
    expect(disks.put.size).toBe(0)
  })

  it('is repeated if it was interrupted before the new cluster, and skipped if it was completed', async () => {
    const { swarm, disks, run } = await afterTheFire()
    swarm.enrol('mg0', 'manager')
    swarm.leaderless = true
    expect((await run()).changed).toBe(true)
    disks.put.clear()
    expect(await run()).toMatchObject({ changed: false, aside: undefined })
    expect(disks.put.size).toBe(0)
  })

  it('names the folder of the previous state when interrupted, and when run again', async () => {
    const { swarm, notes, run } = await afterTheFire()
    const aside = '/var/lib/docker/swarm.before-1'
    const interruption = new AbortController()
    const { also } = swarm
    swarm.also = (name, line, input) => {
      if (!line.includes('--force-new-cluster')) return also(name, line, input)
      interruption.abort(new BeltError('interrupted', 'interrupted', { exitCode: 130 }))
      return { code: 1 }
    }
    await expect(run({}, undefined, interruption.signal)).rejects.toMatchObject({
      code: 'interrupted',
      exitCode: 130,
      hint: expect.stringContaining(aside),
      details: { aside },
    })
    expect(notes).toEqual([`mg0: the previous swarm state of its engine is kept in ${aside}`])
    swarm.also = also
    expect(await run()).toMatchObject({ changed: true, aside })
    expect(await run()).toMatchObject({ changed: false, aside: undefined })
  })

  it('reports contents that are missing afterwards, and the folder of the previous state', async () => {
    const { disks, run } = await afterTheFire()
    disks.contents = { ...disks.contents, secrets: [] }
    const { contentsError, ...restored } = await run()
    expect(restored).toMatchObject({ changed: true, contents: { services: ['web'], secrets: [] } })
    expect(contentsError).toMatchObject({
      code: 'other-contents',
      exitCode: 1,
      details: { aside: restored.aside, missing: ['secrets: password'] },
    })
  })

  it('unlocks a locked backup, only with its own unlock key', async () => {
    const { disks, run } = await afterTheFire({ locked: true })
    await expect(run()).rejects.toMatchObject({ code: 'locked-backup', exitCode: 3 })
    await expect(run({}, nodeKeys().unlockKey)).rejects.toThrow(
      'the unlock key is not the one of this backup',
    )
    expect(disks.put.size).toBe(0)
    await run({}, keys.unlockKey)
    const folder = await temporaryFolder()
    writeFileSync(join(folder, 'state'), disks.put.get('mg0') ?? '')
    const key = execFileSync('tar', ['-xzOf', join(folder, 'state'), 'swarm/certificates/swarm-node.key'])
    expect(key.toString()).toBe(keys.open)
  })

  it('succeeds if the swarm has additional contents, and lists them', async () => {
    const { disks, notes, run } = await afterTheFire()
    disks.contents = { ...disks.contents, services: ['web', 'api'] }
    expect((await run()).contentsError).toBeUndefined()
    expect(notes.at(-1)).toBe('mg0 also has contents that are not in the backup: services: api')
  })

  it('reports missing contents of a swarm that was restored already', async () => {
    const { swarm, disks, run } = await afterTheFire()
    swarm.enrol('mg0', 'manager')
    disks.contents = { ...disks.contents, secrets: [] }
    expect((await run()).contentsError).toMatchObject({
      code: 'other-contents',
      exitCode: 3,
      message: expect.stringContaining('lacks contents of the backup: secrets: password'),
    })
    expect(disks.put.size).toBe(0)
  })
})
