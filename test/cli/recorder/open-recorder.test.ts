import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const SCRIPT = fileURLToPath(new URL('../../fixtures/cli/crash.ts', import.meta.url))
const HOSTS = 'name: prod\nstatic:\n  hosts:\n    - name: node1\n      address: 10.0.0.1\n'

/** Runs the script to its end. */
function crash(cwd: string): Promise<string> {
  const tsx = import.meta.resolve('tsx')
  return new Promise(resolve => {
    execFile(
      process.execPath,
      ['--import', tsx, SCRIPT],
      { cwd, timeout: 15_000 },
      (_error, _stdout, stderr) => resolve(stderr),
    )
  })
}

describe('the log of a Belt that crashes', () => {
  it('is whole, and says what it died of', async () => {
    const folder = await temporaryFolder({ '.belt.yaml': HOSTS })
    expect(await crash(folder)).toContain('nobody catches this')
    const logs = join(folder, '.belt', 'prod', 'log')
    const [name = ''] = readdirSync(logs)
    expect(readFileSync(join(logs, name), 'utf8')).toMatch(
      /Z cluster prod, driver static, config \S+\.belt\.yaml\n[\s\S]*machines: node1 [\s\S]*Z failed: TypeError: nobody catches this\n[\s\S]*Z exit code [1-9]\d*\n$/,
    )
  })
})
