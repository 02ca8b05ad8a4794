import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  line,
  shownColored,
  shownLine,
  shownMessage,
  shownOutput,
  shownText,
} from '../../src/domain/shown.ts'

describe('a text from outside', () => {
  it('is shown with its control characters as escapes', () => {
    expect(shownLine('\x1b]0;title\x07\x1b[2J\r\n\t\x7f\u009b2J')).toBe(
      String.raw`\x1b]0;title\x07\x1b[2J\r\n\t\u007f\u009b2J`,
    )
  })

  it('is shown with the marks that turn the direction of text as escapes', () => {
    expect(shownText('safe\u202egnp.exe\u2066\u200f\u2028')).toBe(
      String.raw`safe\u202egnp.exe\u2066\u200f\u2028`,
    )
  })

  it('keeps what is no control character, in any script', () => {
    const text = 'naïve 日本 שלום 👩‍👩‍👧'
    expect(shownLine(text)).toBe(text)
  })

  it('starts no line at the margin when it is a message', () => {
    expect(shownMessage('no\nbelt: all is well')).toBe('no\n  belt: all is well')
  })

  it('is shown the same when it is shown twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => shownLine(shownLine(text)) === shownLine(text)),
    )
  })

  it('stays on its line in a template', () => {
    expect(line`${'mg0\nmg1'}: ${'\x1b[2J'}\n`).toBe(`${String.raw`mg0\nmg1: \x1b[2J`}\n`)
  })
})

describe('a JSON document', () => {
  it('stays valid and keeps its values', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), values => {
        const json = JSON.stringify({ values }, undefined, 2)
        const shown = shownColored(json)
        expect(shown).not.toMatch(/[\x7f-\x9f\u200e\u200f\u202a-\u202e]/)
        expect(JSON.parse(shown)).toEqual(JSON.parse(json))
      }),
    )
  })
})

describe('the output of a program on a terminal', () => {
  it('keeps its colors, which end with the line', () => {
    expect(shownOutput('\x1b[1;38:5:9mred')).toBe('\x1b[1;38:5:9mred\x1b[0m')
    expect(shownOutput('plain')).toBe('plain')
  })

  it('cannot move the cursor over what others wrote', () => {
    expect(shownOutput('10%\rnode2: fine\x1b[1A\x1b[2K\r')).toBe(String.raw`10%\rnode2: fine\x1b[1A\x1b[2K`)
  })
})
