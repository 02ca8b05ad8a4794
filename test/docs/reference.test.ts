import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from '@oclif/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { differences, writePages } from '../../scripts/reference/files.ts'
import { referencePages } from '../../scripts/reference/pages.ts'
import { groupCommands } from '../../src/cli/command-groups.ts'

const config = { bin: 'belt', topicSeparator: ' ' as const }

function cached(id: string, rest: object = {}): Command.Cached {
  return { id, summary: `Do ${id}`, args: {}, flags: {}, aliases: [], hiddenAliases: [], ...rest } as never
}

const pageOf = (file: string, ...commands: Command.Cached[]) =>
  referencePages(commands, config).find(page => page.file === file)?.content

describe('a page of the reference', () => {
  const command = cached('swarm:token', {
    description: 'First <part>.\n\nSecond\npart.',
    args: {
      role: { name: 'role', description: 'the role', options: ['worker', 'manager'], default: 'worker' },
    },
    flags: {
      rotate: { name: 'rotate', type: 'boolean', allowNo: false, summary: 'make a new one' },
      'by-day': {
        name: 'by-day',
        type: 'option',
        helpValue: 'A|B',
        summary: 'when',
        required: true,
        env: 'DAY',
      },
      cluster: { name: 'cluster', type: 'option', helpGroup: 'GLOBAL', summary: 'the cluster' },
    },
    examples: ['<%= config.bin %> swarm token --rotate'],
  })
  const page = pageOf('swarm-token.md', command)

  it('is headed by the command as it is typed', () => {
    expect(page).toMatch(/^# `belt swarm token`\n\nDo swarm:token\.\n/)
  })

  it('shows how the command is called, flags sorted and optional ones in brackets', () => {
    expect(page).toContain('```text\nbelt swarm token [ROLE] --by-day A|B [--rotate]\n```')
  })

  it('shows a usage that the command brings along instead', () => {
    expect(pageOf('ls.md', cached('ls', { usage: 'ls [NODES...]' }))).toContain('\nbelt ls [NODES...]\n')
  })

  it('says what arguments and flags mean, with their values, defaults and variables', () => {
    expect(page).toContain('| `ROLE` | the role (one of worker, manager; default: worker) |')
    expect(page).toContain('| `--by-day A\\|B` | when (required; environment: DAY) |')
  })

  it('leaves global flags to the index', () => {
    expect(page).not.toContain('--cluster')
    expect(pageOf('README.md', command)).toContain('| `--cluster CLUSTER` | the cluster |')
  })

  it('keeps the paragraphs of the description, and escapes what Markdown would take for a tag', () => {
    expect(page).toContain('\nFirst \\<part>.\n\nSecond part.\n')
  })

  it('shows examples in a block with a language', () => {
    expect(page).toContain('```console\n$ belt swarm token --rotate\n```')
  })
})

describe('the index of the reference', () => {
  it('lists commands below headings, whatever their order', () => {
    const [a, b] = [cached('ls'), cached('swarm:join')]
    expect(referencePages([a, b], config)).toEqual(referencePages([b, a], config))
    expect(pageOf('README.md', a, b)).toMatch(
      /## Machines\n[^#]*`belt ls`[^#]*## Swarm\n[^#]*`belt swarm join`/,
    )
  })

  it('refuses a command that has no heading', () => {
    expect(() => groupCommands(['ls', 'frobnicate'])).toThrow('frobnicate')
  })
})

describe('the folder of the reference', () => {
  let folder: string
  const pages = [{ file: 'ls.md', content: '# ls\n' }]
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'belt-')), 'reference')
  })
  afterEach(() => rmSync(join(folder, '..'), { recursive: true }))

  it('is up to date once it is written', async () => {
    expect(await differences(folder, pages)).toEqual(['ls.md: is missing'])
    await writePages(folder, pages)
    expect(await differences(folder, pages)).toEqual([])
    expect(readFileSync(join(folder, 'ls.md'), 'utf8')).toBe('# ls\n')
  })

  it('differs where a page was edited by hand', async () => {
    await writePages(folder, pages)
    writeFileSync(join(folder, 'ls.md'), '# list\n')
    expect(await differences(folder, pages)).toEqual(['ls.md: differs'])
  })

  it('loses the page of a command that is gone, which the check reports', async () => {
    mkdirSync(folder)
    writeFileSync(join(folder, 'gone.md'), '# gone\n')
    await writePages(folder, [])
    expect(await differences(folder, [])).toEqual([])
    writeFileSync(join(folder, 'gone.md'), '# gone\n')
    expect(await differences(folder, [])).toEqual(['gone.md: belongs to no command'])
  })
})
