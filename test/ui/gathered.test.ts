import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Gathering, type Printed } from '../../src/domain/gather.ts'
import { expand } from '../../src/domain/ranges.ts'
import { gathered } from '../../src/ui/gathered.ts'

const show = (printed: Partial<Printed>[]) => {
  const gathering = new Gathering()
  for (const one of printed) gathering.add({ host: '', stdout: '', stderr: '', truncated: false, ...one })
  return [...gathered(gathering.groups(), { maxOutputBytes: 1024 ** 2 })].join('')
}

const VERSION = 'Engine:\n  Version: 27.3.1\n  API: 1.47\n  Go: go1.22.7\n  OS: linux\n'

describe('gathered', () => {
  it('prints equal outputs once, the largest group first, a single line behind the names', () => {
    expect(
      show([
        { host: 'node10', stdout: 'old\n' },
        { host: 'node1', stdout: 'new\n' },
        { host: 'node2', stdout: 'new\n' },
        { host: 'node3', stdout: 'new' },
      ]),
    ).toBe('node[1:3] (3): new\nnode10: old\n')
  })

  it('indents several lines, and prints what differs little as what differs', () => {
    expect(
      show([
        { host: 'node1', stdout: VERSION },
        { host: 'node2', stdout: VERSION },
        { host: 'node3', stdout: VERSION.replace('27.3.1', '26.1.4') },
      ]),
    ).toBe(
      [
        'node[1:2] (2):',
        '  Engine:',
        '    Version: 27.3.1',
        '    API: 1.47',
        '    Go: go1.22.7',
        '    OS: linux',
        'node3, differs from node1:',
        '  @@ -2,1 +2,1 @@',
        '  -  Version: 27.3.1',
        '  +  Version: 26.1.4',
        '',
      ].join('\n'),
    )
  })

  it('tells stderr, how a command ended, and that there was no output', () => {
    expect(
      show([
        { host: 'node1' },
        { host: 'node2' },
        { host: 'node3', stderr: 'sh: docker: not found\n', ending: 'exit code 127' },
        { host: 'node4', stdout: 'a\n', stderr: 'b\n', ending: 'timeout' },
        { host: 'node5', ending: 'unreachable' },
      ]),
    ).toBe(
      [
        'node[1:2] (2), no output',
        'node3, exit code 127: stderr: sh: docker: not found',
        'node4, timeout:',
        '  a',
        '  stderr: b',
        'node5, unreachable',
        '',
      ].join('\n'),
    )
  })

  it('says when only the endings differ', () => {
    const same = show([
      { host: 'node1', stdout: VERSION },
      { host: 'node2', stdout: VERSION, ending: 'exit code 3' },
    ])
    expect(same.split('\n').at(-2)).toBe('node2, exit code 3, same output as node1')
  })

  it('says where an output was cut off', () => {
    expect(show([{ host: 'node1', stdout: 'aaa', truncated: true }])).toBe(
      'node1, output truncated at 1mb: aaa\n',
    )
  })

  it('puts a single line below names that are long', () => {
    const names = [
      'alpha',
      'bravo',
      'charlie',
      'delta',
      'echo',
      'foxtrot',
      'golf',
      'hotel',
      'india',
      'juliett',
      'kilo',
    ]
    expect(show(names.map(host => ({ host, stdout: 'up\n' })))).toBe(`${names.join(',')} (11):\n  up\n`)
  })

  it('colours headings and differences on a terminal alone', () => {
    const gathering = new Gathering()
    gathering.add({ host: 'node1', stdout: 'x\n', stderr: '', truncated: false, ending: 'exit code 1' })
    const options = { maxOutputBytes: 1, stream: { isTTY: true } }
    vi.stubEnv('TERM', 'xterm')
    vi.stubEnv('FORCE_COLOR', '1')
    vi.stubEnv('CI', undefined)
    vi.stubEnv('NO_COLOR', undefined)
    onTestFinished(() => void vi.unstubAllEnvs())
    const colored = [...gathered(gathering.groups(), options)].join('')
    expect(stripVTControlCharacters(colored)).toBe('node1, exit code 1: x\n')
  })

  it('prints every line of every host once, under its name', () => {
    const line = fc.constantFrom('a', 'b', ' c', '-d', '+e', '@@ f', 'node9: x', 'stderr: y', '', 'g\r')
    const text = fc.array(line, { maxLength: 6 }).map(lines => lines.map(each => `${each}\n`).join(''))
    const ending = fc.constantFrom(undefined, 'exit code 2', 'unreachable')
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text, ending), { minLength: 1, maxLength: 12 }), outputs => {
        const printed = outputs.map(([stdout, stderr, how], index) => ({
          host: `node${index}`,
          stdout,
          stderr,
          ending: how,
        }))
        const seen = new Map<string, string[]>()
        for (const { names, lines } of parsed(show(printed)))
          for (const name of names) seen.set(name, [...(seen.get(name) ?? []), ...lines])
        expect([...seen.keys()].toSorted()).toEqual(printed.map(({ host }) => host).toSorted())
        for (const { host, stdout, stderr } of printed) {
          const lines = [...linesOf(stdout), ...linesOf(stderr).map(each => `stderr: ${each}`)]
          expect(seen.get(host)).toEqual(lines)
        }
      }),
      { numRuns: 300 },
    )
  })
})

const linesOf = (text: string) => text.split('\n').slice(0, -1)

/** Reads back what was shown, differences applied. */
function parsed(shown: string): { names: string[]; lines: string[] }[] {
  const groups: { names: string[]; lines: string[]; from: string | undefined }[] = []
  for (const line of shown.split('\n').slice(0, -1)) {
    if (line.startsWith('  ')) groups.at(-1)?.lines.push(line.slice(2))
    else {
      const [, pattern = '', rest = ''] =
        /^((?:\[[^\]]*\]|,(?! )|[^\s,[:])+)(?: \(\d+\))?(.*)$/s.exec(line) ?? []
      const from = /, (?:differs from|same output as) (node\d+)/.exec(rest)?.[1]
      const single = /^(?:, [a-z0-9 ]+)?: (.*)$/s.exec(rest)?.[1]
      groups.push({ names: expand(pattern), lines: single === undefined ? [] : [single], from })
    }
  }
  return groups.map(group => ({
    ...group,
    lines: group.from
      ? applied(group.lines, groups.find(({ names }) => names.includes(group.from ?? ''))?.lines ?? [])
      : group.lines,
  }))
}

function applied(changes: string[], base: string[]): string[] {
  const lines: string[] = []
  let at = 0
  for (const change of changes) {
    const [, start, count] = /^@@ -(\d+),(\d+) /.exec(change) ?? []
    if (start !== undefined && isHunk(change)) {
      const until = Number(count) === 0 ? Number(start) : Number(start) - 1
      lines.push(...base.slice(at, until))
      at = until
    } else if (change.startsWith('-')) {
      expect(base[at]).toBe(change.slice(1))
      at += 1
    } else lines.push(change.slice(1))
  }
  return [...lines, ...base.slice(at)]
}

const isHunk = (line: string) => /^@@ -\d+,\d+ \+\d+,\d+ @@$/.test(line)
