import { describe, expect, it } from 'vitest'
import { table } from '../../src/ui/table.ts'

describe('table', () => {
  it('aligns columns under their headings and leaves no blanks at the end', () => {
    expect(
      table(
        ['NAME', 'STATUS'],
        [
          ['mg0', 'active'],
          ['a-long-name', 'off'],
        ],
      ),
    ).toBe('NAME         STATUS\nmg0          active\na-long-name  off\n')
  })

  it('shows an empty cell as a dash', () => {
    expect(table(['A', 'B'], [['', 'x']])).toBe('A  B\n-  x\n')
  })

  it('aligns by the text and not by its colours', () => {
    const red = (text: string, heading: string) => (heading === 'A' ? `\u001b[31m${text}\u001b[39m` : text)
    expect(
      table(
        ['A', 'B'],
        [
          ['x', 'y'],
          ['long', 'z'],
        ],
        red,
      ),
    ).toBe('A     B\n\u001b[31mx\u001b[39m     y\n\u001b[31mlong\u001b[39m  z\n')
  })

  it('shows the headings of an empty table', () => {
    expect(table(['A', 'B'], [])).toBe('A  B\n')
  })
})
