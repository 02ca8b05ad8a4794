import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Gathering } from '../../src/domain/gather.ts'

const add = (gathering: Gathering, host: string, stdout: string, change: object = {}) =>
  gathering.add({ host, stdout, stderr: '', truncated: false, ...change })

describe('Gathering', () => {
  it('puts every host into one group, the largest first', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a\n', 'b\n', 'a\nb\n', ''), { minLength: 1, maxLength: 30 }),
        outputs => {
          const gathering = new Gathering()
          for (const [index, stdout] of outputs.entries()) add(gathering, `node${index}`, stdout)
          const groups = [...gathering.groups()]
          const names = groups.flatMap(group => group.names)
          expect(names.toSorted()).toEqual(outputs.map((_, index) => `node${index}`).toSorted())
          const sizes = groups.map(group => group.names.length)
          expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
          expect(new Set(groups.map(({ lines }) => lines.join('\n'))).size).toBe(
            new Set(outputs.map(text => text.trimEnd())).size,
          )
        },
      ),
    )
  })

  it('tells apart what came on stdout and on stderr, how it ended, and what was cut off', () => {
    const gathering = new Gathering()
    add(gathering, 'node1', 'x\n')
    add(gathering, 'node2', '', { stderr: 'x\n' })
    add(gathering, 'node3', 'stderr: x\n')
    add(gathering, 'node4', 'x\n', { ending: 'exit code 1' })
    add(gathering, 'node5', 'x\n', { truncated: true })
    expect([...gathering.groups()].map(({ names }) => names)).toEqual([
      ['node1'],
      ['node2'],
      ['node3'],
      ['node4'],
      ['node5'],
    ])
  })

  it('compares with the largest group that printed anything', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index}\n`)
    const gathering = new Gathering()
    for (const host of ['node1', 'node2', 'node3']) add(gathering, host, '', { ending: 'unreachable' })
    for (const host of ['node4', 'node5']) add(gathering, host, lines.join(''))
    add(gathering, 'node6', lines.with(7, 'other\n').join(''))
    const [silent, largest, other] = [...gathering.groups()]
    expect([silent?.difference, largest?.difference]).toEqual([undefined, undefined])
    expect(other?.difference).toEqual({ from: 'node4', lines: ['@@ -8,1 +8,1 @@', '-line 7', '+other'] })
  })

  it('does not look for a short difference between long outputs that have nothing in common', () => {
    const gathering = new Gathering()
    const lines = (word: string) =>
      Array.from({ length: 50_000 }, (_, index) => `${word} ${index}\n`).join('')
    add(gathering, 'node1', lines('one'))
    add(gathering, 'node2', lines('two'))
    const start = performance.now()
    expect([...gathering.groups()][1]?.difference).toBeUndefined()
    expect(performance.now() - start).toBeLessThan(5_000)
  })
})
