import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expand, fold, foldShort } from '../../../src/domain/ranges.ts'

describe('fold', () => {
  it.each([
    'node7',
    'node[1:4]',
    'node[1:4,7]',
    'node[01:10]',
    'node[8:12]',
    'node[0:10/2]',
    'node[00:10/2]',
    'node[1:3,5:25/5,40]',
    'dc[1:2]-n[1:3]',
    'dc[1:2]-n[01:10]',
    'r[1:3]-s[1:4]-n[0:6/2]',
    'us-east-1-node[1:4]',
    'mg[0:2],node[1:4]',
    'mg[0:2],node[1:4],node[1:4]-eu',
  ])('finds %s again', pattern => {
    expect(fold(expand(pattern))).toBe(pattern)
  })

  it.each([
    ['nothing', [], ''],
    ['any order', ['node3', 'node1', 'node2'], 'node[1:3]'],
    ['doubles', ['node1', 'node1', 'node2'], 'node[1:2]'],
    ['two names whose range is longer', ['a1', 'a3'], 'a1,a3'],
    ['natural order', ['node10', 'web', 'node2', 'api'], 'api,node[2,10],web'],
    ['two names for one number', ['node1', 'node01', 'node2', 'node02'], 'node[01:02],node[1:2]'],
    ['ten beside padded numbers', ['node09', 'node10', 'node9'], 'node[09:10],node9'],
    ['a range that ends where another begins', expand('node[8:10,12:16/2]'), 'node[8:9,10:16/2]'],
    ['a product with a rest', expand('dc[1:2]-n[1:3],dc3-n1'), 'dc[1:2]-n[1:3],dc3-n1'],
    [
      'a product that is shorter the other way',
      expand('dc[1:9]-n[1,4:5,9],!dc5-n4'),
      'dc[1:9]-n[1,5,9],dc[1:4,6:9]-n4',
    ],
    ['addresses', ['10.0.0.3', '10.0.0.1', '10.0.0.2'], '10.0.0.[1:3]'],
    ['names without a letter', ['1', '2', '3'], '1,2,3'],
    ['characters of the notation', ['a[1', 'a[2', 'b*1', '@c1', '!d1'], '!d1,@c1,a[1,a[2,b*1'],
    [
      'numbers beyond exactness',
      ['n9007199254740993', 'n9007199254740992'],
      'n9007199254740992,n9007199254740993',
    ],
    ['the empty name', ['', 'node1'], ',node1'],
  ])('folds %s', (_, names, folded) => {
    expect(fold(names)).toBe(folded)
  })

  it('does not depend on the order of the names', () => {
    fc.assert(
      fc.property(someNames(), names => {
        expect(fold(names.toReversed())).toBe(fold(names))
      }),
    )
  })

  it('stands for exactly the names it was given, and is never longer than they are with commas', () => {
    fc.assert(
      fc.property(someNames(), names => {
        const folded = fold(names)
        expect(expand(folded).sort()).toEqual([...names].sort())
        expect(folded.length).toBeLessThanOrEqual(names.join(',').length)
      }),
      { numRuns: 500 },
    )
  })

  it('is one range for any evenly spaced numbers', () => {
    fc.assert(
      fc.property(
        fc.nat(2000),
        fc.integer({ min: 4, max: 50 }),
        fc.integer({ min: 1, max: 9 }),
        (from, count, step) => {
          const names = Array.from({ length: count }, (_, i) => `node${from + i * step}`)
          expect(fold(names)).toBe(`node[${from}:${from + (count - 1) * step}${step > 1 ? `/${step}` : ''}]`)
        },
      ),
    )
  })

  it('is never longer than the comma-joined list, whatever the names are', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'binary' })), names => {
        expect(fold(names).length).toBeLessThanOrEqual(names.join(',').length)
      }),
    )
  })

  it.each([
    ['one range', expand('node[1:10000]')],
    ['a product', expand('dc[1:100]-n[1:100]')],
    [
      'wild names',
      Array.from({ length: 10_000 }, (_, i) => `a${(i * 7919) % 31}b${(i * 104729) % 97}c${i % 13}d${i}`),
    ],
  ])('is done at once with 10,000 names: %s', (_, names) => {
    const start = performance.now()
    fold(names)
    // About 100 ms on a slow machine; the margin is for a busy one.
    expect(performance.now() - start).toBeLessThan(1000)
  })
})

describe('foldShort', () => {
  it('lists up to three names as they are', () => {
    expect(foldShort(['node10', 'node1', 'node2'])).toBe('node1, node2, node10')
  })

  it('folds more than three', () => {
    expect(foldShort(['node10', 'node1', 'node2', 'node3'])).toBe('node[1:3,10]')
  })

  it('counts doubles once', () => {
    expect(foldShort(['node1', 'node2', 'node2', 'node1'])).toBe('node1, node2')
  })
})

/** Names as fleets have them: few words, small numbers, padded or not, in one to three places. */
function someNames(): fc.Arbitrary<string[]> {
  const digits = fc
    .tuple(fc.nat(12), fc.constantFrom(0, 2, 3))
    .map(([n, width]) => String(n).padStart(width, '0'))
  const name = fc
    .array(fc.tuple(fc.constantFrom('n', 'node', 'a-', 'dc'), digits), { minLength: 1, maxLength: 3 })
    .map(pieces => pieces.flat().join(''))
  return fc.uniqueArray(name, { minLength: 1, maxLength: 60 })
}
