import { describe, expect, it } from 'vitest'
import { formatMemory, parseMemory } from '../../src/domain/memory.ts'

describe('parseMemory', () => {
  it.each([
    ['512mb', 512],
    ['8192MB', 8192],
    ['1gb', 1024],
    ['16GB', 16384],
  ])('reads %s as %i MiB', (text, mebibytes) => {
    expect(parseMemory(text)).toBe(mebibytes)
  })

  it.each(['', '1', 'gb', '0mb', '-1gb', '1.5gb', 's-1vcpu-1gb', '1 gb', '99999999999999999gb'])(
    'takes %j for no amount of memory',
    text => {
      expect(parseMemory(text)).toBeUndefined()
    },
  )
})

describe('formatMemory', () => {
  it('writes what can be read again', () => {
    for (const mebibytes of [512, 1024, 1536, 8192]) {
      expect(parseMemory(formatMemory(mebibytes))).toBe(mebibytes)
    }
    expect(formatMemory(1024)).toBe('1gb')
    expect(formatMemory(1536)).toBe('1536mb')
  })
})
