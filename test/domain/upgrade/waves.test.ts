import { describe, expect, it } from 'vitest'
import {
  isUnavailable,
  maxUnavailableOf,
  parseMaxUnavailable,
  waveOf,
} from '../../../src/domain/upgrade/waves.ts'

describe('the number of nodes that may be unavailable at once', () => {
  it.each([
    ['10%', 40, 4],
    ['10%', 19, 1],
    ['10%', 4, 1],
    ['100%', 7, 7],
    ['3', 40, 3],
    ['50%', 500, 250],
  ])('is, for %s of %i workers, %i', (text, total, most) => {
    expect(maxUnavailableOf(parseMaxUnavailable(text), total)).toBe(most)
  })

  it.each(['0', '0%', '101%', '-1', '10 %', '', 'all'])('cannot be "%s"', text => {
    expect(() => parseMaxUnavailable(text)).toThrow('is not a valid number of nodes')
  })
})

describe('a node', () => {
  it.each([
    ['ready', 'active', false],
    ['ready', 'pause', true],
    ['ready', 'drain', true],
    ['down', 'active', true],
    ['unknown', 'active', true],
    ['disconnected', 'active', true],
  ] as const)('that is %s and %s is unavailable: %s', (state, availability, out) => {
    expect(isUnavailable({ state, availability })).toBe(out)
  })
})

describe('a wave', () => {
  /** Nodes in capitals are unavailable. */
  const wave = (waiting: string, most: number, others = 0) => {
    const isUpperCase = (name: string) => name === name.toUpperCase()
    const unavailable = [...waiting].filter(isUpperCase).length + others
    return waveOf([...waiting], isUpperCase, { most, unavailable }).join('')
  }

  it.each([
    ['as many nodes as allowed', 'abcd', 3, 0, 'abc'],
    ['fewer nodes when others are unavailable', 'abcd', 3, 2, 'a'],
    ['no node when the limit is reached', 'abcd', 3, 3, ''],
    ['no node beyond the limit', 'abcd', 3, 5, ''],
    ['unavailable nodes at no cost', 'aBcd', 2, 0, 'aB'],
    ['unavailable nodes when no room is left for others', 'abCd', 1, 0, 'C'],
    ['unavailable nodes beyond the limit', 'abCd', 1, 3, 'C'],
    ['never more nodes than allowed, even when all are unavailable', 'ABCDE', 2, 0, 'AB'],
    ['all nodes when they are few', 'ab', 9, 1, 'ab'],
  ])(
    'has %s: from %s, with %i allowed and %i others unavailable, %s',
    (_, waiting, most, outBeside, expected) => {
      expect(wave(waiting, most, outBeside)).toBe(expected)
    },
  )
})
