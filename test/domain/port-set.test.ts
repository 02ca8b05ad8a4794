import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unitePorts } from '../../src/domain/port-set.ts'

describe('unitePorts', () => {
  it.each([
    ['', '2377,2376', '2376-2377'],
    ['4789', '', '4789'],
    ['30000-32767', '32000-40000,7946', '7946,30000-40000'],
    ['1-10', '3-4', '1-10'],
  ])('of %j and %j is %j', (one, other, united) => {
    expect(unitePorts(one, other)).toBe(united)
  })

  it.each(['http', '5-', '9-3', '65536', '1,,2', '-1', '1 2'])('does not know %j', text => {
    expect(unitePorts('', text)).toBeUndefined()
  })

  it('has every port of both, no other, and says the same again', () => {
    const ports = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 20 })
    fc.assert(
      fc.property(ports, ports, (one, other) => {
        const united = unitePorts(one.join(), other.join()) ?? '?'
        expect(members(united)).toEqual([...new Set([...one, ...other])].sort((a, b) => a - b))
        expect(unitePorts(united, one.join())).toBe(united)
      }),
    )
  })
})

function members(text: string): number[] {
  if (text === '') return []
  return text.split(',').flatMap(part => {
    const [first = 0, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}
