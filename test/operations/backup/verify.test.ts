import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fingerprintOf, writeBackup } from '../../../src/operations/backup/file.ts'
import { verifyBackup, verifyBackupFile } from '../../../src/operations/backup/verify.ts'
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

/** A cluster of nobody's, and a backup of a swarm of two managers. */
async function scratch() {
  const swarm = new FakeSwarm()
  const disks = new FakeDisks(swarm)
  const driver = new FakeDriver('verify-1')
  const notes: string[] = []
  const progress = { ...silentProgress, note: (text: string) => void notes.push(text) }
  const fleet = fakeFleet(driver, name => swarm.host(name), { cluster: 'verify-1', progress })
  const archive = await spoolOf(stateArchive('cluster-one', 'id-mg0', keys.open))
  const other = { id: 'id-mg1', hostname: 'mg1', address: '10.0.0.2' }
  const { managers } = manifestOf({})
  const manifest = manifestOf({ managers: [...managers, other], archive: await fingerprintOf(archive) })
  const backup = { path: join(await temporaryFolder(), 'prod.belt-backup'), manifest, archive }
  const verify = () => verifyBackup(fleet, backup, 1)
  return { swarm, disks, driver, fleet, notes, backup, verify }
}

describe('the verification of a backup', () => {
  it('restores it on a machine that is destroyed afterwards', async () => {
    const { driver, verify } = await scratch()
    expect((await verify()).secrets).toEqual(['password'])
    expect(await driver.list()).toEqual([])
  })

  it('isolates the machine before it copies the state, so that it cannot reach living managers', async () => {
    const { swarm, verify } = await scratch()
    await verify()
    const { lines } = swarm.host('verify')
    const put = lines.findIndex(line => line.includes('belt-restore'))
    const cut = lines.findIndex(line => line.includes('ip -4 route flush default'))
    expect(cut).toBeGreaterThanOrEqual(0)
    expect(put).toBeGreaterThan(cut)
  })

  it('that fails gives the reason, and names a machine that it could not destroy', async () => {
    const { disks, driver, notes, verify } = await scratch()
    driver.failNext('destroy', 'verify', new Error('the engine is gone'))
    disks.refusal = { code: 1, stderr: 'tar: no space left' }
    await expect(verify()).rejects.toMatchObject({ code: 'not-put' })
    expect(notes.join()).toContain('the machine of the verification is still there: the engine is gone')
    expect(notes.join()).toContain('docker rm --force')
  })

  it('is an error if the contents of the swarm differ from the manifest', async () => {
    const { disks, driver, verify } = await scratch()
    disks.contents = { ...disks.contents, secrets: [] }
    await expect(verify()).rejects.toMatchObject({ code: 'other-contents' })
    expect(await driver.list()).toEqual([])
  })

  it('is an error if only destroying the machine fails', async () => {
    const { driver, verify } = await scratch()
    driver.failNext('destroy', 'verify', new Error('the engine is gone'))
    await expect(verify()).rejects.toMatchObject({ code: 'not-removed' })
  })
})

describe('verifyBackupFile', () => {
  it('removes what killed verifications left, then restores the file in a new cluster', async () => {
    const { driver, fleet, backup } = await scratch()
    await writeBackup(backup)
    const left = new FakeDriver('verify-0').with('verify')
    const order: string[] = []
    const verified = await verifyBackupFile(
      { file: backup.path, unlockKeyFile: undefined },
      {
        async withLeft(work) {
          order.push('left')
          await work(fakeFleet(left, () => undefined as never, { cluster: 'verify-0' }))
        },
        withNew(work) {
          order.push('new')
          return work(fleet)
        },
      },
    )
    expect(order).toEqual(['left', 'new'])
    expect(verified).toMatchObject({ file: backup.path, contents: { secrets: ['password'] } })
    expect(verified.manifest).toEqual(backup.manifest)
    expect([...(await left.list()), ...(await driver.list())]).toEqual([])
  })

  it('makes no machine for a file that is no backup', async () => {
    const opened: string[] = []
    const scratchFleets = {
      withLeft: async () => {},
      withNew: async () => {
        opened.push('new')
        throw new Error('no machine is needed')
      },
    }
    const file = join(await temporaryFolder(), 'nothing')
    await expect(verifyBackupFile({ file, unlockKeyFile: undefined }, scratchFleets)).rejects.toMatchObject({
      code: 'bad-backup',
      exitCode: 3,
    })
    expect(opened).toEqual([])
  })
})
