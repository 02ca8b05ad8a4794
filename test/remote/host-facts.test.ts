import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commandLine } from '../../src/remote/command.ts'
import { hostFactsCommand, parseHostFacts } from '../../src/remote/host-facts.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const PRINTED = 'clock 1764000000123\nboot abc-42\nlive-restore false\nfree 2048000\n'

describe('the facts of a host', () => {
  it('are parsed', () => {
    expect(parseHostFacts(PRINTED)).toEqual({
      clockMs: 1764000000123,
      freeMiB: 2000,
      liveRestore: false,
      boot: 'abc-42',
    })
  })

  it('are an error if the engine is down and the client prints empty values', async () => {
    const bin = await temporaryFolder()
    const docker = 'case "$*" in *live-restore*) echo "live-restore false";; *) echo;; esac'
    writeFileSync(join(bin, 'docker'), `#!/bin/sh\n${docker}\n`, { mode: 0o755 })
    const { status, stdout } = spawnSync('sh', ['-c', commandLine(hostFactsCommand)], {
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    })
    expect(status).toBe(1)
    expect(stdout.toString()).not.toContain('live-restore')
  })

  it('are an error if one is missing', () => {
    expect(() => parseHostFacts(PRINTED.replace('free', 'full'))).toThrow('it does not report its free')
  })
})
