import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { place } from '../../src/domain/machine-placement.ts'

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)
const counts = (placed: Map<string, string | undefined>, places: string[]) =>
  places.map(there => [...placed.values()].filter(chosen => chosen === there).length)

describe('place', () => {
  it('spreads five managers over three regions as 2+2+1', () => {
    const places = ['sgp1', 'nyc3', 'ams3']
    expect(counts(place(names('mg', 5), places), places)).toEqual([2, 2, 1])
  })

  it('puts a name that begins with a region there', () => {
    const placed = place(['nyc3-node1', 'nyc3-node2', 'sgp1-node1'], ['sgp1', 'nyc3'])
    expect([...placed.values()]).toEqual(['nyc3', 'nyc3', 'sgp1'])
  })

  it('counts machines of the same kind that exist already', () => {
    const existing = [
      { name: 'mg0', place: 'a' },
      { name: 'mg1', place: 'a' },
      { name: 'node1', place: 'b' },
    ]
    expect([...place(['mg2', 'mg3'], ['a', 'b'], existing).values()]).toEqual(['b', 'b'])
  })

  it('gives no place where there is none to choose', () => {
    expect([...place(['mg0'], []).values()]).toEqual([undefined])
  })

  it('never puts two more of a kind into one place than into another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 6 }), (machines, regions) => {
        const places = names('r', regions)
        const used = counts(place(names('mg', machines), places), places)
        expect(Math.max(...used) - Math.min(...used)).toBeLessThanOrEqual(1)
      }),
    )
  })
})
