import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { launchTags, nameOf } from '../../../src/drivers/ec2/tags.ts'

const tagsOf = (names: readonly string[]) =>
  launchTags({ cluster: 'mine', operation: 'op-1', user: 'ubuntu', names })

describe('the name of an instance', () => {
  it('is the one at its launch index, whatever the names are', () => {
    const Tags = tagsOf(['node1', 'node7', 'mg0'])
    expect([0, 1, 2].map(AmiLaunchIndex => nameOf({ Tags, AmiLaunchIndex }))).toEqual([
      'node1',
      'node7',
      'mg0',
    ])
  })

  it('survives the tags for any hundred names', () => {
    const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 100 }), names => {
        const Tags = tagsOf(names)
        expect(names.map((_, AmiLaunchIndex) => nameOf({ Tags, AmiLaunchIndex }))).toEqual(names)
        for (const { Value = '' } of Tags) expect(Value.length).toBeLessThanOrEqual(256)
        expect(Tags.length).toBeLessThanOrEqual(50)
      }),
    )
  })

  it('uses only characters that every AWS service takes', () => {
    for (const { Key, Value } of tagsOf(['node1', 'node2']))
      expect(`${Key}${Value}`).toMatch(/^[\w .:/=+\-@]+$/)
  })

  it('is the id where somebody removed the tags', () => {
    expect(nameOf({ InstanceId: 'i-1', AmiLaunchIndex: 0, Tags: [] })).toBe('i-1')
  })
})
