import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'

/** What each layer may import, besides itself and the files that lie under all of them. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  commands: ['cli', 'ui', 'operations', 'drivers', 'hosts', 'remote', 'domain', 'config'],
  cli: ['ui', 'operations', 'config', 'drivers', 'hosts', 'remote', 'domain'],
  ui: ['operations', 'drivers', 'hosts', 'domain'],
  operations: ['steps', 'waits', 'queries', 'drivers', 'hosts', 'remote', 'domain'],
  steps: ['waits', 'queries', 'drivers', 'hosts', 'remote', 'domain'],
  waits: ['queries', 'hosts', 'remote', 'domain'],
  queries: ['hosts', 'remote', 'domain'],
  drivers: ['domain'],
  hosts: ['remote', 'domain'],
  config: ['domain', 'drivers'],
  remote: ['domain'],
  domain: [],
}
const UNDER_ALL = [
  'errors.ts',
  'retry.ts',
  'progress.ts',
  'record.ts',
  'atomic-file.ts',
  'file-lock.ts',
  'spool.ts',
  'package-files.ts',
]

/** Adapters, which only the composition root (and each other) may name. */
const ADAPTER = /^(drivers\/(docker|digitalocean|ec2|static|registry)|hosts\/ssh)/
const COMPOSITION_ROOT = 'cli/open-fleet.ts'

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map(file => file.replaceAll('\\', '/'))
  .filter(file => file.endsWith('.ts'))

const imports = files.flatMap(file =>
  [...readFileSync(join('src', file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(
    ([, to = '']) => ({
      from: file,
      to: posix.join(posix.dirname(file), to),
    }),
  ),
)

const layerOf = (file: string) => file.split('/')[0] ?? ''

describe('the layers', () => {
  it('are seen by this test', () => {
    expect(imports.length).toBeGreaterThan(50)
  })

  it('import in one direction', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        !UNDER_ALL.includes(to) &&
        layerOf(from) !== layerOf(to) &&
        !MAY_IMPORT[layerOf(from)]?.includes(layerOf(to)),
    )
    expect(wrong).toEqual([])
  })

  it('name adapters only in the composition root', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        ADAPTER.test(to) &&
        !['drivers', 'hosts', 'config'].includes(layerOf(from)) &&
        !from.startsWith(COMPOSITION_ROOT),
    )
    expect(wrong).toEqual([])
  })
})

describe('quorum refusals', () => {
  it('are built by the guard only, besides the refusal of the swarm itself', () => {
    const builders = files.filter(file => /Error\(\s*'quorum'/.test(readFileSync(join('src', file), 'utf8')))
    expect(builders.sort()).toEqual(['operations/swarm/quorum-guard.ts', 'steps/change-role.ts'])
  })
})

/**
 * Who may use the streams of the process: progress would be drawn over what anybody else writes. The others write
 * where no progress is shown: before it starts, and after it has ended.
 */
const STREAM_USERS = ['ui/stdio.ts', 'cli/main.ts', 'cli/fast-path.ts']
const USES_STREAMS = /process\.(stdout|stderr)|console\.\w|\bstd(out|err)\b.*\} = process$/m

describe('output', () => {
  it('is written in one place', () => {
    const writing = files.filter(file => USES_STREAMS.test(readFileSync(join('src', file), 'utf8')))
    expect(writing.filter(file => !STREAM_USERS.includes(file))).toEqual([])
  })
})

describe('command files', () => {
  it('stay short enough to be taken in at one look', () => {
    const long = files
      .filter(file => file.startsWith('commands/'))
      .filter(file => readFileSync(join('src', file), 'utf8').split('\n').length > 90)
    expect(long).toEqual([])
  })
})
