import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'

const START = new URL('../../src/cli/start.ts', import.meta.url).href
const INTERRUPTION = new URL('../../src/cli/interruption.ts', import.meta.url).href

describe('the start of the process', () => {
  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
    'keeps %s from ending it before a command is loaded',
    async signal => {
      const child = script(`
      import { start } from '${START}'
      import { interruption } from '${INTERRUPTION}'
      start()
      interruption.signal.addEventListener('abort', () => process.exit(interruption.signal.reason.exitCode))
      setTimeout(() => {}, 50_000)
      process.stdout.write('started')
    `)
      await once(child.stdout, 'data')
      child.kill(signal)
      expect(await once(child, 'exit')).toEqual([130, null])
    },
  )

  it.skipIf(!existsSync('/dev/full')).each([['--version'], ['--help'], ['cluster', 'new', '--help']])(
    'says in one line that the output of %s cannot be written',
    async (...words) => {
      const full = openSync('/dev/full', 'w')
      onTestFinished(() => closeSync(full))
      const child = spawn(process.execPath, ['bin/dev.js', ...words], { stdio: ['ignore', full, 'pipe'] })
      const [shown, [code]] = await Promise.all([text(child.stderr as Readable), once(child, 'exit')])
      expect(shown).toBe('belt: cannot write the output: ENOSPC: no space left on device, write\n')
      expect(code).toBe(1)
    },
  )
})

function script(code: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}
