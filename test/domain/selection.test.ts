import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Facts, type FleetNames, needsOf, select, selectsNodes } from '../../src/domain/selection.ts'

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
    ['@gone', '@gone matches no machine'],
    ['node1,!node1', 'the selection is empty: no machine is left after the exclusions'],
    ['!*', 'the selection is empty: no machine is left after the exclusions'],
    ['@all,!nod1', '!nod1 excludes nothing: no such machine'],
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
        message: 'no such group: @mangers; did you mean @managers?',
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

describe('selectors', () => {
  const node = (role: string, change: object = {}) => ({
    status: 'active',
    node: { role, state: 'ready', availability: 'active', labels: {}, isLeader: false, ...change },
  })
  const swarm: FleetNames = {
    names: ['mg0', 'mg1', 'node1', 'node2', 'node10', 'spare'],
    groups: new Map([['failed', ['node2', 'mg1']]]),
    facts: new Map<string, Facts>([
      ['mg0', node('manager', { isLeader: true })],
      ['mg1', node('manager', { availability: 'drain' })],
      ['node1', node('worker', { labels: { zone: 'a', ssd: '' } })],
      ['node2', node('worker', { labels: { zone: 'b:1' }, state: 'down' })],
      ['node10', node('worker', { labels: { zone: 'a' } })],
      ['spare', { status: 'off', node: undefined }],
    ]),
  }

  it.each([
    ['role=worker', ['node1', 'node2', 'node10']],
    ['role=manager', ['mg0', 'mg1']],
    ['leader', ['mg0']],
    ['label=ssd', ['node1']],
    ['label=zone:a', ['node1', 'node10']],
    ['label=zone=a', ['node1', 'node10']],
    ['label=zone:b:1', ['node2']],
    ['label=ssd:', ['node1']],
    ['state=down', ['node2']],
    ['state=ready,!role=manager', ['node1', 'node10']],
    ['availability=drain', ['mg1']],
    ['status=off', ['spare']],
    ['status=off,leader', ['spare', 'mg0']],
    ['!role=worker', ['mg0', 'mg1', 'spare']],
    ['!leader,!status=off', ['mg1', 'node1', 'node2', 'node10']],
    ['role=worker&label=zone:a', ['node1', 'node10']],
    ['role=worker&label=zone:a,!node1', ['node10']],
    ['node[1:3]&role=worker', ['node1', 'node2']],
    ['node*&state=ready&label=ssd', ['node1']],
    ['@failed&role=worker', ['node2']],
    ['role=worker,!role=worker&label=zone:a', ['node2']],
    ['role=worker,!label=toString', ['node1', 'node2', 'node10']],
  ])('%s', (expression, names) => {
    expect(select(expression, swarm)).toEqual({ names, missing: [] })
  })

  it.each([
    'label=toString',
    'label=zone:',
    'state=disconnected',
    'role=worker&status=off',
    'nod1&role=worker',
  ])('refuses %s, which matches nothing', expression => {
    expect(() => select(expression, swarm)).toThrow(
      expect.objectContaining({ code: 'no-match', message: `${expression} matches no machine` }),
    )
  })

  it.each([
    ['rol=worker', 'no such selector: rol=; did you mean role=?'],
    ['zone=a', /^no such selector: zone=/],
    ['role=boss', 'role=boss: role must be one of manager, worker'],
    ['state=', 'state=: state must be one of ready, down, disconnected, unknown'],
    ['label=', 'label=: label must be KEY or KEY:VALUE'],
    ['!role=Worker', 'role=Worker: role must be one of manager, worker'],
  ])('finds fault with %s', (expression, message) => {
    expect(() => select(expression, swarm)).toThrow(
      expect.objectContaining({
        code: 'bad-selector',
        exitCode: 2,
        message: message instanceof RegExp ? expect.stringMatching(message) : message,
      }),
    )
  })

  it.each(['&role=worker', 'role=worker&', 'role=worker&&node1', 'role=worker&!node1'])(
    'finds fault with the pattern %s',
    expression => {
      expect(() => select(expression, swarm)).toThrow(expect.objectContaining({ code: 'bad-pattern' }))
    },
  )

  it('takes a machine that is called leader for itself', () => {
    const fleetWithLeader = { ...swarm, names: [...swarm.names, 'leader'] }
    expect(select('leader', fleetWithLeader).names).toEqual(['leader'])
    expect(needsOf('leader', fleetWithLeader.names).swarm).toBe(false)
  })

  it('joins by & as sets do', () => {
    const part = fc.constantFrom(
      'role=worker',
      'node*',
      'label=zone:a',
      '@failed',
      'state=ready',
      'node[1:2]',
    )
    fc.assert(
      fc.property(part, part, (one, other) => {
        const members = (expression: string) => {
          try {
            return select(expression, swarm).names
          } catch {
            return []
          }
        }
        const both = members(one).filter(name => members(other).includes(name))
        expect(members(`${one}&${other}`)).toEqual(both)
        expect(members(`${one},!${one}&${other}`)).toEqual(members(one).filter(name => !both.includes(name)))
      }),
    )
  })
})

describe('@failed', () => {
  const calm: FleetNames = { names: ['node1', 'node2'], groups: new Map([['failed', []]]) }

  it.each(['@failed', '@failed,!node1', '@failed&node*'])(
    'of a run without failures is no mistake: %s',
    expression => {
      expect(() => select(expression, calm)).toThrow(
        expect.objectContaining({ code: 'none-failed', message: 'no host failed in the last run' }),
      )
    },
  )

  it('adds nobody to others then', () => {
    expect(select('@failed,node2', calm).names).toEqual(['node2'])
    expect(() => select('@failed,node2,!node2', calm)).toThrow(expect.objectContaining({ code: 'no-match' }))
  })

  it('is a mistake when those that failed are gone', () => {
    const gone = { ...calm, groups: new Map([['failed', ['node7']]]) }
    expect(() => select('@failed', gone)).toThrow('@failed matches no machine')
  })
})

describe('needsOf', () => {
  it('names each group that an expression uses, left out or not', () => {
    expect(needsOf('@web,node[1:2],!@failed,node*&@db', []).groups).toEqual(['web', 'failed', 'db'])
    expect(needsOf(['@all', '@all'], []).groups).toEqual(['all'])
  })

  it.each(['role=worker', '!state=down', 'node1,leader', '@managers', '@workers&status=off', 'label=ssd'])(
    'asks the swarm for %s',
    expression => {
      expect(needsOf(expression, ['node1']).swarm).toBe(true)
    },
  )

  it.each(['node*,a@b', 'status=off', '@failed', '!node1'])('asks no swarm for %s', expression => {
    expect(needsOf(expression, ['node1']).swarm).toBe(false)
  })
})

describe('selectsNodes', () => {
  it.each(['role=worker', '!state=down', 'node1,label=ssd', 'node*&role=worker'])('%s', word => {
    expect(selectsNodes(word)).toBe(true)
  })

  it.each(['zone=a', 'vm.role=1', 'net.core.somaxconn=4096', 'node1', 'leader'])('not %s', word => {
    expect(selectsNodes(word)).toBe(false)
  })
})
