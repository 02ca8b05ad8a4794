import { describe, expect, it } from 'vitest'
import { isOut, mostOut, parseMaxUnavailable, waveOf } from '../../../src/domain/upgrade/waves.ts'

describe('how many nodes may be out at once', () => {
  it.each([
    ['10%', 40, 4],
    ['10%', 19, 1],
    ['10%', 4, 1],
    ['100%', 7, 7],
    ['3', 40, 3],
    ['50%', 500, 250],
  ])('is of %s of %i workers: %i', (text, total, most) => {
    expect(mostOut(parseMaxUnavailable(text), total)).toBe(most)
  })

  it.each(['0', '0%', '101%', '-1', '10 %', '', 'all'])('is not said by "%s"', text => {
    expect(() => parseMaxUnavailable(text)).toThrow('is no number of nodes')
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
  ] as const)('that is %s and %s is out: %s', (state, availability, out) => {
    expect(isOut({ state, availability })).toBe(out)
  })
})

describe('a wave', () => {
  /** Those that are out are written in capitals. */
  const wave = (waiting: string, most: number, outBeside = 0) => {
    const isItOut = (name: string) => name === name.toUpperCase()
    const out = [...waiting].filter(isItOut).length + outBeside
    return waveOf([...waiting], isItOut, { most, out }).join('')
  }

  it.each([
    ['as many as may be out', 'abcd', 3, 0, 'abc'],
    ['fewer by those that are out for other reasons', 'abcd', 3, 2, 'a'],
    ['none where these are as many as may be', 'abcd', 3, 3, ''],
    ['none where these are more than may be', 'abcd', 3, 5, ''],
    ['those at no cost that are out themselves', 'aBcd', 2, 0, 'aB'],
    ['those that are out themselves also where nothing is left for others', 'abCd', 1, 0, 'C'],
    ['those that are out themselves also where too many are', 'abCd', 1, 3, 'C'],
    ['never more than may be out, though all were so before', 'ABCDE', 2, 0, 'AB'],
    ['all where that is less', 'ab', 9, 1, 'ab'],
  ])('has %s: of %s, with %i and %i beside, %s', (_, waiting, most, outBeside, expected) => {
    expect(wave(waiting, most, outBeside)).toBe(expected)
  })
})
