import { existsSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ExitCode } from '../../src/errors.ts'
import { beltCallsIn, mistakesIn, readCommands } from './commands.ts'
import { anchorsOf, blocksOf, linksOf, parseDocument, readDocuments, shellLinesOf } from './documents.ts'

const documents = readDocuments()
const README_BYTES = 10 * 1024
const REGISTRY = /\b(npmjs\.(com|org)|hub\.docker\.com|registry-1\.docker\.io|ghcr\.io|quay\.io|pypi\.org)\b/i

/** What is wrong with a link: it leads to no file, or to no heading of it. */
function mistakesInLink(from: string, url: string): string[] {
  if (/^[a-z]+:/.test(url)) return []
  const [file = '', anchor] = url.split('#')
  const path = file === '' ? from : posix.join(posix.dirname(from), file)
  if (!existsSync(path)) return [`${from}: ${url}: no such file`]
  if (anchor === undefined) return []
  const target = documents.find(document => document.path === path)
  return target && anchorsOf(target).has(anchor) ? [] : [`${from}: ${url}: no such heading`]
}

describe('the documents', () => {
  it('link only to files and headings that exist', () => {
    const links = documents.flatMap(document => linksOf(document).map(url => ({ from: document.path, url })))
    expect(links.length).toBeGreaterThan(50)
    expect(links.flatMap(({ from, url }) => mistakesInLink(from, url))).toEqual([])
  })

  it('are all reachable from the README', () => {
    const reached = new Set(['README.md'])
    for (const path of reached) {
      const document = documents.find(each => each.path === path)
      for (const url of document ? linksOf(document) : []) {
        const file = url.split('#')[0] ?? ''
        if (file.endsWith('.md') && !/^[a-z]+:/.test(url)) reached.add(posix.join(posix.dirname(path), file))
      }
    }
    expect(documents.map(({ path }) => path).filter(path => !reached.has(path))).toEqual([])
  })

  it('name the language of every block of code', () => {
    const bare = documents.flatMap(document =>
      blocksOf(document)
        .filter(({ lang }) => !lang)
        .map(({ position }) => `${document.path}:${position?.start.line}`),
    )
    expect(bare).toEqual([])
  })

  it('mention no host of a package registry', () => {
    expect(documents.filter(({ source }) => REGISTRY.test(source)).map(({ path }) => path)).toEqual([])
  })

  it('have no space at the end of a line', () => {
    expect(documents.filter(({ source }) => /[ \t]$/m.test(source)).map(({ path }) => path)).toEqual([])
  })
})

describe('commands in the documents', () => {
  const commands = readCommands(documents)

  it('exist, with their flags', () => {
    const calls = documents.flatMap(document =>
      shellLinesOf(document)
        .flatMap(beltCallsIn)
        .map(words => ({ path: document.path, words })),
    )
    expect(calls.length).toBeGreaterThan(100)
    expect(
      calls.flatMap(({ path, words }) => mistakesIn(words, commands).map(mistake => `${path}: ${mistake}`)),
    ).toEqual([])
  })

  it.each([
    ['an unknown command', 'belt swarm explode mg0', 1],
    ['an unknown flag', 'belt ls --colour', 1],
    ["a flag of another command's", 'belt swarm drain node1 --restart', 1],
    ['a mistake behind a pipe', 'echo x | belt frobnicate', 1],
    ['global flags before the command', "belt --host 'node[1:4]' --gather docker version --format json", 0],
    ["another program's flags behind --", 'belt exec node1 -- uname --all', 0],
    ['a negated flag', 'belt swarm update --no-autolock', 0],
    ['unquoted ranges', 'belt ls node[1:4]', 0],
  ])('are checked: %s', (_, line, mistakes) => {
    expect(beltCallsIn(line).flatMap(words => mistakesIn(words, commands))).toHaveLength(mistakes)
  })

  it('are found in blocks and in sentences', () => {
    const page = parseDocument(
      'x.md',
      'Run `belt ls`.\n\n```console\n$ belt use a && belt status\nbelt: no\n```\n',
    )
    expect(shellLinesOf(page).flatMap(beltCallsIn)).toEqual([['use', 'a'], ['status'], ['ls']])
  })
})

describe('README.md', () => {
  it('has at most 10 KB', () => {
    expect(statSync('README.md').size).toBeLessThanOrEqual(README_BYTES)
  })
})

describe('docs/exit-codes.md', () => {
  it('lists the exit codes that there are', () => {
    const page = documents.find(({ path }) => path === 'docs/exit-codes.md')
    const listed = [...(page?.source.matchAll(/^\| (\d+) \|/gm) ?? [])].map(([, code]) => Number(code))
    expect(listed).toEqual([...new Set(Object.values(ExitCode))])
  })
})
