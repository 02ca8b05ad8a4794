import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, type TestContext } from 'vitest'

/**
 * A file system of its own that soon is full, until the test is over. Where none can be mounted (that takes root), the
 * test is skipped, and says so.
 */
export function smallDisk(context: TestContext, sizeKiB: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'belt-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeKiB}k`, 'tmpfs', folder]).status === 0
  onTestFinished(() => {
    if (mounted) spawnSync('umount', [folder])
    rmdirSync(folder)
  })
  if (!mounted) context.skip('a file system can only be mounted by root')
  return folder
}

/** Makes a file system read-only. */
export function makeReadOnly(disk: string): void {
  if (spawnSync('mount', ['-o', 'remount,ro', disk]).status !== 0) throw new Error(`cannot remount ${disk}`)
}
