import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FleetNames, groupsIn, select } from '../../src/domain/selection.ts'

const fleet: FleetNames = {
  names: ['node10', 'node2', 'node1', 'mg1', 'mg0', 'web.example.com'],
  groups: new Map([
    ['managers', ['mg1', 'mg0']],
    ['workers', ['node10', 'node2', 'node1']],
    ['failed', []],
    ['gone', ['node7']],
    ['edge', ['node2', 'node7']],
  ]),
}

const natural = ['mg0', 'mg1', 'node1', 'node2', 'node10', 'web.example.com']

describe('select', () => {
  it.each([
    ['node2', ['node2']],
    ['node2,mg0', ['node2', 'mg0']],
    ['node[1:2]', ['node1', 'node2']],
    ['node*', ['node1', 'node2', 'node10']],
    ['node?', ['node1', 'node2']],
    ['*0', ['mg0', 'node10']],
    ['*', natural],
    ['?g[0:1]*', ['mg0', 'mg1']],
    ['*[0:1]', ['mg0', 'node10', 'mg1', 'node1']],
    ['web.example.com', ['web.example.com']],
    ['web?example*', ['web.example.com']],
    ['@all', natural],
    ['@managers', ['mg0', 'mg1']],
    ['@workers,mg1', ['node1', 'node2', 'node10', 'mg1']],
    ['node10,@workers', ['node10', 'node1', 'node2']],
    ['@edge', ['node2']],
    ['!node*', ['mg0', 'mg1', 'web.example.com']],
    ['@all,!@managers,!web*', ['node1', 'node2', 'node10']],
    ['!node2,@workers', ['node1', 'node10']],
    ['@workers,!node[1:9]', ['node10']],
    ['@workers,!@failed', ['node1', 'node2', 'node10']],
    ['@workers,!tmp*', ['node1', 'node2', 'node10']],
  ])('%s', (expression, names) => {
    expect(select(expression, fleet)).toEqual({ names, missing: [] })
  })

  it('takes words as a shell splits them', () => {
    expect(select(['node2', 'mg*'], fleet).names).toEqual(['node2', 'mg0', 'mg1'])
  })

  it('tells what was named and does not exist, alone or in a range', () => {
    expect(select('node[1:4],db,node1', fleet)).toEqual({
      names: ['node1', 'node2'],
      missing: ['node3', 'node4', 'db'],
    })
  })

  it('does not miss what was left out', () => {
    expect(select('node[1:3],!node3', fleet)).toEqual({ names: ['node1', 'node2'], missing: [] })
  })

  it('says when nothing that was named exists, without an error', () => {
    expect(select('db', { names: [], groups: new Map() })).toEqual({ names: [], missing: ['db'] })
  })

  it.each([
    ['tmp*', 'tmp* matches no machine'],
    ['node1,tmp*', 'tmp* matches no machine'],
    ['@failed', '@failed matches no machine'],
    ['@gone', '@gone matches no machine'],
    ['node1,!node1', 'the selection is empty: nothing is left after the exclusions'],
    ['!*', 'the selection is empty: nothing is left after the exclusions'],
    ['@all,!nod1', '!nod1 leaves out nothing: there is no such machine'],
  ])('refuses %s: %s', (expression, message) => {
    expect(() => select(expression, fleet)).toThrow(
      expect.objectContaining({ code: 'no-match', exitCode: 2, message }),
    )
  })

  it('matches nothing in an empty fleet', () => {
    const empty = { names: [], groups: new Map() }
    expect(() => select('@all', empty)).toThrow('@all matches no machine')
    expect(() => select('!node*', empty)).toThrow('the selection is empty')
  })

  it.each(['@mangers', '!@mangers'])('suggests a group for %s', expression => {
    expect(() => select(expression, fleet)).toThrow(
      expect.objectContaining({
        code: 'unknown-group',
        exitCode: 2,
        message: 'there is no group @mangers; did you mean @managers?',
        hint: 'the groups are @all, @edge, @failed, @gone, @managers, @workers',
      }),
    )
  })

  it.each(['', 'node[', 'node[4:1]', '[1:2]', 'a,,b', 'node[1:999999999]', 'node[1:999999999]*'])(
    'finds fault with the pattern %j',
    expression => {
      expect(() => select(expression, fleet)).toThrow(expect.objectContaining({ code: 'bad-pattern' }))
    },
  )

  it('takes every character of a name as itself', () => {
    const names = ['a.b', 'axb', 'a+b', 'aab', 'a\\b', 'a$']
    expect(select('a.*', { names, groups: new Map() }).names).toEqual(['a.b'])
    expect(select('a+?', { names, groups: new Map() }).names).toEqual(['a+b'])
    expect(select('a\\*', { names, groups: new Map() }).names).toEqual(['a\\b'])
    expect(select('*$', { names, groups: new Map() }).names).toEqual(['a$'])
  })

  it('chooses only what exists, each once, from any expression', () => {
    const term = fc.constantFrom(
      'node1',
      'node[1:3]',
      'mg*',
      '@all',
      '@workers',
      '!node2',
      '!@managers',
      '!mg?',
      '*',
    )
    fc.assert(
      fc.property(fc.array(term, { maxLength: 6 }), terms => {
        const { names, missing } = select([...terms, 'web.example.com'], fleet)
        expect(new Set(names).size).toBe(names.length)
        expect(fleet.names).toEqual(expect.arrayContaining(names))
        expect(missing.filter(name => fleet.names.includes(name))).toEqual([])
      }),
    )
  })
})

describe('groupsIn', () => {
  it('names each group that an expression uses, left out or not', () => {
    expect(groupsIn('@managers,node[1:2],!@failed')).toEqual(['managers', 'failed'])
    expect(groupsIn(['@all', '@all'])).toEqual(['all'])
  })

  it('finds none in names and wildcards', () => {
    expect(groupsIn('node*,a@b')).toEqual([])
  })
})
