import { describe, expect, it } from 'vitest'
import { heldThroughout, inventoryInWords, inventoryWithout } from '../../src/domain/inventory.ts'
import { manifestOf } from '../support/backup.ts'

const { contents } = manifestOf({})

describe('what a swarm holds', () => {
  const changed = { ...contents, secrets: [], configs: ['settings', 'more'] }

  it('differs by name', () => {
    expect(inventoryWithout(contents, changed)).toEqual(['secrets: password'])
    expect(inventoryWithout(changed, contents)).toEqual(['configs: more'])
  })

  it('does not differ by its nodes, which come and go', () => {
    expect(inventoryWithout(contents, { ...contents, nodes: ['other'] })).toEqual([])
  })

  it('throughout is neither what came nor what went meanwhile', () => {
    expect(heldThroughout(contents, changed)).toEqual({ ...contents, secrets: [] })
    expect(heldThroughout(changed, contents)).toEqual({ ...contents, secrets: [] })
  })

  it('is told in numbers', () => {
    expect(inventoryInWords({ ...contents, secrets: [], nodes: ['a', 'b'] })).toBe(
      '1 service, 0 secrets, 1 config, 1 network, 2 nodes',
    )
  })
})
