import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { naturalOrder } from '../../src/domain/natural-order.ts'

describe('natural order', () => {
  it('counts numbers as people do', () => {
    const names = ['node10', 'mg0', 'node2', 'node1-b', 'node1']
    expect(names.sort(naturalOrder)).toEqual(['mg0', 'node1', 'node1-b', 'node2', 'node10'])
  })

  it('counts numbers of any length, and leading zeros for nothing', () => {
    const names = ['n18446744073709551616', 'n018446744073709551615', 'n2', 'n002-b', 'n', 'n2-a']
    expect(names.sort(naturalOrder)).toEqual([
      'n',
      'n2',
      'n2-a',
      'n002-b',
      'n018446744073709551615',
      'n18446744073709551616',
    ])
  })

  it('is one order, whatever it is asked for first', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.', '0', '1', '2') })
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        const [x, y, z] = [a, b, c].sort(naturalOrder) as [string, string, string]
        expect([z, y, x].sort(naturalOrder)).toEqual([x, y, z])
        expect(naturalOrder(x, z)).toBeLessThanOrEqual(0)
      }),
    )
  })

  it('tells names apart that read alike', () => {
    expect(['node1', 'node01'].sort(naturalOrder)).toEqual(['node01', 'node1'])
    expect(['node01', 'node1'].sort(naturalOrder)).toEqual(['node01', 'node1'])
  })

  it('is equal for equal names only, and turns round with its arguments', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(naturalOrder(a, b) === 0).toBe(a === b)
        expect(Math.sign(naturalOrder(a, b)) + Math.sign(naturalOrder(b, a))).toBe(0)
      }),
    )
  })
})
