import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expand } from '../../src/domain/ranges.ts'
import { BeltError } from '../../src/errors.ts'

function faultOf(pattern: string | readonly string[]): BeltError {
  try {
    expand(pattern)
  } catch (error) {
    if (error instanceof BeltError) return error
    throw error
  }
  throw new Error(`${JSON.stringify(pattern)} was taken`)
}

describe('expand', () => {
  it.each([
    ['mg0', ['mg0']],
    ['node[1:4]', ['node1', 'node2', 'node3', 'node4']],
    ['node[1-4]', ['node1', 'node2', 'node3', 'node4']],
    ['node[7:7]', ['node7']],
    ['node[08:11]', ['node08', 'node09', 'node10', 'node11']],
    ['node[1:3,7]', ['node1', 'node2', 'node3', 'node7']],
    ['node[0:10/2]', ['node0', 'node2', 'node4', 'node6', 'node8', 'node10']],
    ['node[0:5/2]', ['node0', 'node2', 'node4']],
    ['node[00:04/2]', ['node00', 'node02', 'node04']],
    ['node[1:2]-eu', ['node1-eu', 'node2-eu']],
    ['[1:2]node', ['1node', '2node']],
    ['dc[1:2]-n[1:3]', ['dc1-n1', 'dc1-n2', 'dc1-n3', 'dc2-n1', 'dc2-n2', 'dc2-n3']],
    ['b,a', ['b', 'a']],
    [' a , b c ', ['a', 'b', 'c']],
    ['node[2:3],node[1:3]', ['node2', 'node3', 'node1']],
    ['node[1:4],!node[2:3]', ['node1', 'node4']],
    ['!node2,node[1:3]', ['node1', 'node3']],
    ['node[1:2],!node9', ['node1', 'node2']],
  ])('reads %s', (pattern, names) => {
    expect(expand(pattern)).toEqual(names)
  })

  it('takes words as a shell splits them', () => {
    expect(expand(['node[1:2]', 'mg0,mg1', '!node2'])).toEqual(['node1', 'mg0', 'mg1'])
  })

  it('takes exactly 10,000 names', () => {
    expect(expand('node[1:10000]')).toHaveLength(10_000)
  })

  it('takes names of 63 characters', () => {
    expect(expand(`${'n'.repeat(61)}[10:11]`)).toHaveLength(2)
  })
})

describe('a bad pattern', () => {
  it('is shown with a caret under the fault, as a usage error', () => {
    const fault = faultOf('node[4:1]')
    expect(fault.message.split('\n')).toEqual(['the range runs backwards', '  node[4:1]', '       ^~~'])
    expect(fault).toMatchObject({
      code: 'bad-pattern',
      exitCode: 2,
      hint: 'did you mean 1:4?',
      details: { pattern: 'node[4:1]', start: 5, end: 8 },
    })
  })

  it.each([
    ['node[', '[', 'the bracket is never closed'],
    ['a,node[1:2', '[1:2', 'the bracket is never closed'],
    ['no]de', ']', 'the bracket was never opened'],
    ['node[[1]]', '[1', 'this is neither a number nor a range of numbers'],
    ['node[a:b]', 'a:b', 'this is neither a number nor a range of numbers'],
    ['node[1, 2]', ' 2', 'this is neither a number nor a range of numbers'],
    ['node[1:2:3]', '1:2:3', 'this is neither a number nor a range of numbers'],
    ['node[1:]', '1:', 'the range has no end'],
    ['node[:3]', ':3', 'the range has no start'],
    ['node[]', ']', 'a number is missing'],
    ['node[1,,2]', ',', 'a number is missing'],
    ['node[1:5,4:1]', '4:1', 'the range runs backwards'],
    ['node[0:4/0]', '0:4/0', 'the step is zero'],
    ['node[3/2]', '3/2', 'a step looks like 0:10/2'],
    ['node[0:4/]', '0:4/', 'a step looks like 0:10/2'],
    ['node[01:100]', '01:100', 'the numbers are padded with zeros to different widths'],
    ['node[1:04]', '1:04', 'the numbers are padded with zeros to different widths'],
    ['node[01,2]', '2', 'the numbers are padded with zeros to different widths'],
    ['node[1:9999999999999999]', '1:9999999999999999', 'the number is too large'],
    ['[1:2]', '[1:2]', 'the range has no name'],
    ['a,,b', ',b', 'a name is missing before the comma'],
    [',a', ',a', 'a name is missing before the comma'],
    ['a, ', ', ', 'a name is missing after the comma'],
    ['a !', '!', 'a name is missing after the !'],
    ['-node', '-', 'a name cannot start with a hyphen'],
    ['node[1:2]-', '-', 'a name cannot end with a hyphen'],
    ['7', '7', 'a name must contain a letter'],
    ['[1:2]-[3:4]', '[1:2]-[3:4]', 'a name must contain a letter'],
    ['node_1', '_', 'a name cannot contain "_"'],
    ['node.eu', '.', 'a name cannot contain "."'],
    ['nöde', 'ö', 'a name cannot contain "ö"'],
    ['no\u212Ade', '\u212A', 'a name cannot contain "\u212A"'],
    ['a,no🐳de', '🐳', 'a name cannot contain "🐳"'],
    [`${'n'.repeat(62)}[9:10]`, `${'n'.repeat(62)}[9:10]`, 'a name of 64 characters is too long'],
    ['node*', '*', 'new machines need names: * matches only existing machines'],
    ['node?', '?', 'new machines need names: ? matches only existing machines'],
    ['a,@workers', '@workers', 'new machines need names: @workers matches only existing machines'],
    ['!node1', 'node1', 'no names are left after the exclusions'],
    ['node[1:2],!node[1:3]', 'node[1:2],!node[1:3]', 'no names are left after the exclusions'],
    ['Node1,node1', 'Node1,node1', 'Node1 and node1 differ only in upper and lower case'],
    ['n[1:10001]', 'n[1:10001]', 'the pattern has more than 10,000 names'],
    ['a[1:9999],b[1:2]', 'b[1:2]', 'the pattern has more than 10,000 names'],
    ['n[1:101]-[1:100]', 'n[1:101]-[1:100]', 'the pattern has more than 10,000 names'],
  ])('%s is faulted at %s: %s', (pattern, place, problem) => {
    const fault = faultOf(pattern)
    expect(fault.message.split('\n')[0]).toBe(problem)
    expect(fault.code).toBe('bad-pattern')
    expect(fault.details?.start).toBe(pattern.lastIndexOf(place))
  })

  it.each(['', '  ', [], ['']].map(pattern => ({ pattern })))(
    'needs something to point at: $pattern',
    ({ pattern }) => {
      expect(faultOf(pattern).message).toBe('the pattern is empty')
    },
  )

  it('is counted before it is expanded', () => {
    const start = performance.now()
    faultOf('n[1:999999999]')
    faultOf(`n${'[1:999999999999999]'.repeat(40)}`)
    faultOf('a,!n[1:999999999]')
    expect(performance.now() - start).toBeLessThan(500)
  })

  it('is pointed at in the words as they were typed', () => {
    expect(faultOf(['mg0', 'node[4:1]']).message).toMatch('  mg0 node[4:1]\n           ^~~')
  })

  it('is shown around the fault when it is long', () => {
    const [, shown = '', caret = ''] = faultOf(
      `${'a'.repeat(50)},node[4:1],${'b '.repeat(200)}`,
    ).message.split('\n')
    expect(shown.length).toBeLessThan(110)
    expect(shown).toMatch(/^ {2}…a+,node\[4:1],b.*…$/)
    expect(shown.slice(caret.indexOf('^'), caret.length)).toBe('4:1')
  })

  it('cannot send control characters to the terminal', () => {
    expect(faultOf('no\u001b]0;de').message).not.toMatch('\u001b')
  })
})

describe('any text', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({ unit: fc.constantFrom(...'node019[]:-/,!@* '), maxLength: 40 }),
  )

  it('expands to at most 10,000 distinct labels, or has a caret within its bounds', () => {
    const label = /^(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i
    fc.assert(
      fc.property(anyText, text => {
        try {
          const names = expand(text)
          expect(names.length).toBeLessThanOrEqual(10_000)
          expect(new Set(names).size).toBe(names.length)
          for (const name of names) expect(name).toMatch(label)
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-pattern', details: { pattern: text } })
          expectCaretWithin(text, (error as BeltError).message)
        }
      }),
      { numRuns: 2000 },
    )
  })

  function expectCaretWithin(text: string, message: string): void {
    if (text.trim() === '') {
      expect(message).toBe('the pattern is empty')
      return
    }
    const [problem, shown = '', caret = '', ...more] = message.split('\n')
    expect(problem).not.toBe('')
    expect(caret).toMatch(/^ {2,}\^~*$/)
    expect(caret.length).toBeLessThanOrEqual(shown.length)
    expect(more).toEqual([])
  }
})
