import { afterEach, describe, expect, it, vi } from 'vitest'
import { cut } from '../../src/ui/cut.ts'
import { type ListView, list } from '../../src/ui/list.ts'
import { stdio } from '../../src/ui/stdio.ts'

const HEADINGS = ['NAME', 'MEMORY']
const ROWS = [
  ['node10', '512mb'],
  ['node2', '1gb'],
]
const shown = (view: ListView) => list(HEADINGS, ROWS, view)

describe('a list', () => {
  afterEach(() => vi.restoreAllMocks())

  it('is a table in the order of its rows', () => {
    expect(shown({})).toBe('NAME    MEMORY\nnode10  512mb\nnode2   1gb\n')
  })

  it('can be without headings, or only its first column', () => {
    expect(shown({ 'no-headers': true })).toBe('node10  512mb\nnode2   1gb\n')
    expect(shown({ quiet: true, sort: 'name' })).toBe('node2\nnode10\n')
  })

  it('is sorted by what a column means, in both directions', () => {
    expect(shown({ quiet: true, sort: 'memory' })).toBe('node10\nnode2\n')
    expect(shown({ quiet: true, sort: '-MEMORY' })).toBe('node2\nnode10\n')
  })

  it('says which columns there are', () => {
    expect(() => shown({ sort: 'size' })).toThrow(
      expect.objectContaining({ code: 'no-such-column', exitCode: 2, hint: 'columns: NAME, MEMORY' }),
    )
  })

  it('is cut to the width of a terminal, unless it shall be wide', () => {
    vi.spyOn(stdio, 'columns', 'get').mockReturnValue(9)
    expect(shown({})).toBe('NAME    …\nnode10  …\nnode2   …\n')
    expect(shown({ wide: true })).toContain('512mb')
  })
})

describe('a line that is cut', () => {
  it('keeps its colors, which take no room', () => {
    const green = (text: string) => `\u001b[32m${text}\u001b[39m`
    expect(cut(`${green('active')} node1`, 12)).toBe(`${green('active')} node1`)
    expect(cut(`${green('active')} node1`, 4)).toBe(`${green('act')}…`)
  })
})
