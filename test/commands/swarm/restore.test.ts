import { join, resolve } from 'node:path'
import { Config } from '@oclif/core'
import { describe, expect, it } from 'vitest'
import SwarmRestore from '../../../src/commands/swarm/restore.ts'
import { fingerprintOf, writeBackup } from '../../../src/operations/backup/file.ts'
import type { Fleet } from '../../../src/operations/fleet.ts'
import { withFolderLock } from '../../../src/operations/lock.ts'
import { manifestOf } from '../../support/backup.ts'
import { FakeDisks, stateArchive } from '../../support/fake-disks.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet, fakeLock } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'
import { nodeKeys } from '../../support/locked-key.ts'
import { spoolOf } from '../../support/spool.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** A machine in no swarm, which has the address of the manager that a backup is of. */
async function emptyMachine() {
  const swarm = new FakeSwarm()
  const disks = new FakeDisks(swarm)
  disks.addresses.set('mg0', ['10.0.0.1'])
  const fleet = fakeFleet(new FakeDriver('prod').with('mg0', 'mg1'), name => swarm.host(name))
  const path = join(await temporaryFolder(), 'prod.belt-backup')
  const archive = await spoolOf(stateArchive('cluster-one', 'id-mg0', nodeKeys().open))
  const manifest = manifestOf({ archive: await fingerprintOf(archive) })
  await writeBackup({ path, archive, manifest })
  const config = await Config.load(resolve('.'))
  const printed: string[] = []
  const restore = (...flags: string[]) => {
    const command = new (class extends SwarmRestore {
      protected override openFleet = async (): Promise<Fleet> => fleet
      protected override print = (text: string) => void printed.push(text)
    })([path, 'mg0', '--json', ...flags], config)
    return command.run()
  }
  return { swarm, disks, fleet, printed, restore }
}

describe('belt swarm restore', () => {
  it('changes nothing unless the user agrees', async () => {
    const { disks, fleet, restore } = await emptyMachine()
    await expect(restore()).rejects.toMatchObject({ code: 'confirmation-needed', exitCode: 2 })
    expect(disks.put.size).toBe(0)
    expect(await fleet.activeHost.get()).toBeUndefined()
  })

  it('changes nothing while somebody else holds the lock of the folder', async () => {
    const { disks, fleet, restore } = await emptyMachine()
    const bob = { ...fleet, lock: fakeLock('bob@desk', { file: fleet.lock.file }) }
    await withFolderLock(bob, 'belt swarm recover', async () => {
      await expect(restore('--yes')).rejects.toMatchObject({ code: 'locked', exitCode: 6 })
    })
    expect(disks.put.size).toBe(0)
  })

  it('shows what is to do next also where the swarm lacks what the backup names', async () => {
    const { swarm, disks, printed, restore } = await emptyMachine()
    swarm.enrol('mg0', 'manager')
    disks.contents = { ...disks.contents, secrets: [] }
    await expect(restore('--yes')).rejects.toMatchObject({ code: 'other-contents' })
    expect(printed.join()).toContain('Next:\n  check the swarm: belt swarm status')
  })
})

describe('belt swarm restore --dry-run', () => {
  it('returns the plan, and changes nothing', async () => {
    const { disks, fleet, restore } = await emptyMachine()
    expect(await restore('--dry-run')).toEqual({
      plan: {
        node: 'mg0',
        clusterId: 'cluster-one',
        address: '10.0.0.1',
        alias: false,
        changes: true,
        off: [],
        createdAt: '2026-03-01T08:00:00.000Z',
        contents: manifestOf({}).contents,
      },
    })
    expect(disks.put.size).toBe(0)
    expect(await fleet.activeHost.get()).toBeUndefined()
  })

  it('fails where the restore itself would be refused', async () => {
    const { swarm, restore } = await emptyMachine()
    swarm.enrol('mg1', 'manager')
    await expect(restore('--dry-run')).rejects.toMatchObject({ code: 'manager-alive', exitCode: 3 })
  })

  it('promises what is then done without it', async () => {
    const { disks, restore } = await emptyMachine()
    expect(await restore('--yes')).toMatchObject({ node: 'mg0', changed: true })
    expect(disks.put.has('mg0')).toBe(true)
  })
})
