import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { naturalOrder } from '../../src/domain/natural-order.ts'

describe('natural order', () => {
  it('counts numbers as people do', () => {
    const names = ['node10', 'mg0', 'node2', 'node1-b', 'node1']
    expect(names.sort(naturalOrder)).toEqual(['mg0', 'node1', 'node1-b', 'node2', 'node10'])
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
