import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { leftFolders } from '../../src/cli/scratch-fleet.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

it('knows what a verification has left by its process, which is gone', async () => {
  const folder = await temporaryFolder()
  vi.stubEnv('TMPDIR', folder)
  onTestFinished(() => void vi.unstubAllEnvs())
  const { pid } = spawnSync('true')
  const left = `belt-verify-${hostname()}-${pid}-abc`
  for (const name of [
    left,
    `belt-verify-${hostname()}-${process.pid}-abc`,
    `belt-verify-elsewhere-${pid}-abc`,
    `belt-${pid}-abc`,
  ])
    mkdirSync(join(folder, name))
  writeFileSync(join(folder, `belt-verify-${hostname()}-${pid}-file`), '')
  expect(await leftFolders()).toEqual([join(folder, left)])
})
