import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quote } from '../../src/domain/quote.ts'

describe('quote', () => {
  it('leaves plain words unquoted', () => {
    expect(quote('node')).toBe('node')
    expect(quote('--format=x')).toBe('--format=x')
    expect(quote('10.0.0.1:2377')).toBe('10.0.0.1:2377')
  })

  it('quotes words that a shell would change', () => {
    expect(quote('')).toBe("''")
    expect(quote('a b')).toBe("'a b'")
    expect(quote("it's")).toBe(`'it'\\''s'`)
    expect(quote('A=b')).toBe("'A=b'")
    expect(quote('=ls')).toBe("'=ls'")
    expect(quote('~')).toBe("'~'")
  })

  it('is read back byte for byte by a shell', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 6 }), words => {
        const args = words.map(word => Buffer.from(word.replaceAll('\0', '')).toString())
        const out = execFileSync('sh', ['-c', `printf '%s\\0' ${args.map(quote).join(' ')}`])
        expect(out.toString()).toBe(args.map(arg => `${arg}\0`).join(''))
      }),
      { numRuns: 60 },
    )
  })
})
