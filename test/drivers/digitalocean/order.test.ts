import { describe, expect, it } from 'vitest'
import { batchesOf } from '../../../src/drivers/digitalocean/order.ts'
import { sizes } from '../../support/digitalocean/catalogue.ts'

const [small, , , large] = sizes as [(typeof sizes)[number], unknown, unknown, (typeof sizes)[number]]

describe('orders', () => {
  it('are lots of ten names at most', () => {
    const wishes = Array.from({ length: 23 }, (_, i) => ({ name: `node${i}`, size: small, region: 'sgp1' }))
    expect(batchesOf(wishes).map(({ names }) => names.length)).toEqual([10, 10, 3])
    expect(batchesOf(wishes).flatMap(({ names }) => names)).toEqual(wishes.map(({ name }) => name))
  })

  it('hold only machines of one size in one region', () => {
    const wishes = [
      { name: 'a', size: small, region: 'sgp1' },
      { name: 'b', size: large, region: 'sgp1' },
      { name: 'c', size: small, region: 'fra1' },
      { name: 'd', size: small, region: 'sgp1' },
    ]
    expect(batchesOf(wishes).map(({ names, size, region }) => [names, size, region])).toEqual([
      [['a', 'd'], small.slug, 'sgp1'],
      [['b'], large.slug, 'sgp1'],
      [['c'], small.slug, 'fra1'],
    ])
  })
})
