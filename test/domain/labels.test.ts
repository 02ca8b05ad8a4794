import { describe, expect, it } from 'vitest'
import { labelChanges, parseLabelWords } from '../../src/domain/labels.ts'

describe('parseLabelWords', () => {
  it('parts nodes from what is set and what is removed', () => {
    const { nodes, edit } = parseLabelWords(['node[1:2]', 'zone=a', 'expr=x=y', 'empty=', 'old-', 'mg0'])
    expect(nodes).toEqual(['node[1:2]', 'mg0'])
    expect([...edit.set]).toEqual([
      ['zone', 'a'],
      ['expr', 'x=y'],
      ['empty', ''],
    ])
    expect(edit.remove).toEqual(['old'])
  })

  it('takes a selector for nodes where it stands first', () => {
    const { nodes, edit } = parseLabelWords(['role=worker', 'role=db'])
    expect(nodes).toEqual(['role=worker'])
    expect([...edit.set]).toEqual([['role', 'db']])
  })

  it.each(['=a', '-', 'a b=c', '.zone=a', 'zone.=a', 'zone--'])('refuses %s', word => {
    expect(() => parseLabelWords(['node1', word])).toThrow('invalid label')
  })

  it.each([[['type=ssd', 'type=mysql']], [['type=ssd', 'type-']]])(
    'refuses %s, of which one would get lost',
    words => {
      expect(() => parseLabelWords(words)).toThrow('type is given twice')
    },
  )
})

describe('labelChanges', () => {
  it('tells only what differs', () => {
    const edit = {
      set: new Map([
        ['zone', 'a'],
        ['disk', 'ssd'],
      ]),
      remove: ['old', 'nosuch'],
    }
    const changes = labelChanges({ zone: 'a', old: 'x' }, edit)
    expect(changes.map(String)).toEqual(['disk=ssd', 'old removed'])
    expect(changes.map(({ before, after }) => [before, after])).toEqual([
      ['no disk', 'disk=ssd'],
      ['old=x', 'no old'],
    ])
  })
})
