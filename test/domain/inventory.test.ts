import { describe, expect, it } from 'vitest'
import { inventoryDifferences, inventoryInWords } from '../../src/domain/inventory.ts'
import { manifestOf } from '../support/backup.ts'

const { contents } = manifestOf({})

describe('what a swarm holds', () => {
  it('differs in what is missing and what is new, by name', () => {
    const found = { ...contents, secrets: [], configs: ['settings', 'more'] }
    expect(inventoryDifferences(contents, found)).toEqual([
      'secrets missing: password',
      'configs that the backup does not know: more',
    ])
  })

  it('does not differ by its nodes, which come and go', () => {
    expect(inventoryDifferences(contents, { ...contents, nodes: ['other'] })).toEqual([])
  })

  it('is told in numbers', () => {
    expect(inventoryInWords({ ...contents, secrets: [], nodes: ['a', 'b'] })).toBe(
      '1 service, 0 secrets, 1 config, 1 network, 2 nodes',
    )
  })
})
